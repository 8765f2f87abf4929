"""The sentences in English."""

from types import MappingProxyType

from grader.sentences.catalogue import Catalogue

_SAVE = "save the file as UTF-8"

_CHECKS = {
    "check_says": "{text}",
    "did_not_raise": "it did not raise {kind}",
    "did_not_raise_any": "it did not raise any of {kinds}",
    "different_answers": "the same call gave different answers",
    "not_a_model": "a Keras model was asked for",
    "too_large_to_show": "what your code returned is too large to show",
    "wrong_kind": "what came back is of the wrong kind ({kind}: {text})",
    "cannot_be_handed_on": "a check hands over what can't cross: {why}",
}
_RAISED = {
    "raised": "{kind}[: {text}][ (line {line} of your file)]",
    "raised_unnamed": "an exception[: {text}][ (line {line} of your file)]",
    "not_written": "this isn't written yet[ (line {line} of your file)]",
    "answer_unsendable": "the answer could not be read: {why}",
}
_LOST = {
    "answer_unreadable": "what came back could not be read: {why}",
    "closed_connection": "the process closed its connection",
    "ended_by_signal": "the process was ended by signal {number}",
    "ended_by_itself": "the process ended by itself, with exit code {exit_code}",
    "object_is_gone": "the process that held this object is gone",
    "too_many_threads": "it started more than {most} threads",
    "memory_maps_too_large": "its maps of memory took more than {megabytes} MB by themselves",
    "no_answer_in_time": "no answer within {seconds:.3g} s",
    "loading_too_slow": (
        "{why}: loading the file takes that long, because code outside functions runs then; put it under "
        '`if __name__ == "__main__":`'
    ),
    "time_used_up": "the {seconds:.3g} s for one submission are used up",
    "looked_at_too_long": "what your code returned took too long to look at: over {seconds:.3g} s",
    "endless_before": "not run: {function} did not end in time before",
    "not_run_after_overruns": "not run: what your code returned took too long to look at before",
    "not_run_unloadable": "not run: the file can't be loaded",
    "not_handed_in": "no {file} was handed in[; ignored: {ignored}]",
}
_UNSENDABLE = {
    "array_type_cannot_cross": "an array of {type} can't cross",
    "booleans_cannot_cross": "an array of booleans that are neither true nor false can't cross",
    "column_cannot_cross": "a column of {type} can't cross",
    "dimensions_cannot_cross": "an array of {dimensions} dimensions can't cross",
    "sparse_indices_cannot_cross": "a sparse matrix with indices of {type} can't cross",
    "sparse_type_cannot_cross": "a sparse matrix of {type} can't cross",
    "text_cannot_cross": "an array of text with what is no character can't cross",
    "times_cannot_cross": "an array of times outside of the years 1 to 9999 can't cross",
    "type_cannot_cross": "a {type} can't cross",
    "value_cannot_cross": "the value can't cross: {error}",
    "value_too_deep": "the value is nested too deeply to cross",
    "value_too_large": "the value is too large to cross ({bytes:,} bytes)",
}
_UNREADABLE = {
    "array_type_unknown": "not the type of an array that may cross",
    "buffers_too_large": "buffers of {bytes:,} bytes",
    "called_too_often": "it called the function that it was given more than {most:,} times",
    "called_what_it_was_not_given": "it called what it was not given",
    "codes_of_no_category": "a column with codes of no category",
    "column_length": "a column that isn't as long as its index",
    "cut_short": "{error}",
    "head_of_no_frame": "not the head of a frame: {magic}, {bytes} bytes, {buffers} buffers",
    "integers_too_large": "integers too large, or too many of them",
    "label_lengths": "labels of different lengths",
    "level_lengths": "levels of different lengths",
    "matrix_index": "a CSR matrix with an index that is no column",
    "matrix_lengths": "the parts of a CSR matrix don't have the lengths of one",
    "matrix_parts": "a CSR matrix of other parts than arrays of numbers",
    "matrix_pointers": "the row pointers of a CSR matrix don't rise from 0 to the number of its values",
    "matrix_too_large": "a CSR matrix with too many rows or columns",
    "nested_too_deeply": "nested too deeply",
    "not_a_column": "not a column",
    "not_a_frame": "not a frame",
    "not_a_label": "not a label",
    "not_a_matrix": "not a CSR matrix",
    "not_a_message": "{type}: {error}",
    "not_a_reply": "not a reply",
    "not_a_sequence": "a sequence is a list on the wire",
    "not_a_shape": "not a shape",
    "not_a_table": "not a table",
    "not_an_array": "not an array",
    "not_an_example": "not an example: {error}",
    "not_an_index": "not an index",
    "not_an_object": "not an object",
    "not_categories": "not a column of categories",
    "range_not_integers": "a range index is three integers",
    "range_too_large": "a range index of integers that are too large, or of no step",
    "said_more_than_asked": "it said more than it was asked",
    "shape_of_other_bytes": "the shape doesn't match the bytes",
    "spoke_unasked": "it spoke without being asked",
    "too_many_categories": "too many categories, or rows of an index of several levels",
    "too_many_columns": "too many columns, or not one label each",
    "too_many_keys": "too many keys of dicts, or members of sets",
    "too_many_levels": "too many levels, or not one name each",
    "too_many_objects": "too many objects",
    "too_many_parts": "too many parts",
    "too_many_rows": "too many rows",
    "too_many_tuples": "too many tuples, frozensets or complex numbers, or too many parts in them",
    "type_of_other_bytes": "the type doesn't match the bytes",
    "type_unknown": "unknown type {number}",
}
_FILE = {
    "byte_of_no_encoding": f"line {{line}} holds the byte {{byte}}, which isn't {{encoding}}: {_SAVE}",
    "code_unreadable": "Python can't read the file: {error}",
    "encoding_contradicts_mark": (
        "the file begins with the mark of UTF-8, but line {line} names another encoding: remove that line"
    ),
    "encoding_of_no_program": f"line {{line}} names {{encoding}}, which is no encoding of a program: {_SAVE}",
    "encoding_unknown": f"line {{line}} names the encoding {{encoding}}, which Python doesn't know: {_SAVE}",
    "ends_program": "{what} ends the program; remove it",
    "imports_beside": "[line {line} ]imports a file beside it; one file only: put {name} into {file}",
    "imports_all_beside": "[line {line} ]imports a file beside it; one file only: put them into {file}",
    "imports_foreign": (
        "[line {line} ]imports {library}: it is no part of this kata; you may use [{allowed} and ]the standard library"
    ),
    "imports_missing": "[line {line} ]imports '{name}', which isn't here; one file only: put {name} into {file}",
    "imports_the_task": (
        "[line {line} ]imports {library}: this kata asks you to write that yourself; "
        "you may use [{allowed} and ]the standard library"
    ),
    "layer_not_built_in": (
        "the model holds {layer}[ of {module}], which isn't one of Keras' built-in layers; build it from those"
    ),
    "message_unreadable": "(its text can't be read)",
    "model_too_large": "the model has more than {most:,} weights",
    "name_undefined": "your file defines no '{name}'",
    "nul_byte": f"line {{line}} holds a NUL byte, which no text has: {_SAVE}",
    "source_too_deep": "the file is nested too deeply, or too large, for Python to read: write it simpler",
    "syntax": "[line {line}: ]{said}; this grader runs Python {python}",
    "syntax_too_new": (
        "[line {line}: ]{said}; this grader runs Python {python}, and newer syntax is not read: "
        "write that line the older way"
    ),
    "waits_for_input": "{what} waits for a person; remove it[, line {line}]",
    "wide_encoding": f"the file is in {{encoding}}, which Python doesn't read: {_SAVE}",
    "wide_encoding_unmarked": f"the file is in UTF-16 or UTF-32, which Python doesn't read: {_SAVE}",
}

ENGLISH = Catalogue("en", MappingProxyType(_CHECKS | _RAISED | _LOST | _UNSENDABLE | _UNREADABLE | _FILE))

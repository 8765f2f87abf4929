"""Codes on the wire: of MessagePack's extensions, of what can't cross, and of what a worker says in our words.

A code stands in place of a sentence: whoever writes a report has the words for it, in the reader's language.
"""

from collections.abc import Mapping

ARRAY, SCALAR, TUPLE, SET, FROZENSET, DICT, BYTES, COMPLEX, BIG, FRAME, SERIES, CSR, OBJECT, CALLBACK = range(1, 15)
"""The extensions by which values cross that MessagePack has no form for."""

Declared = Mapping[str, Mapping[str, type]]
"""Codes, and the name and type of each argument of theirs."""

UNSENDABLE: Declared = {
    "array_type_cannot_cross": {"type": str},
    "booleans_cannot_cross": {},
    "column_cannot_cross": {"type": str},
    "dimensions_cannot_cross": {"dimensions": int},
    "sparse_indices_cannot_cross": {"type": str},
    "sparse_type_cannot_cross": {"type": str},
    "text_cannot_cross": {},
    "times_cannot_cross": {},
    "type_cannot_cross": {"type": str},
    "value_cannot_cross": {"error": str},
    "value_too_deep": {},
    "value_too_large": {"bytes": int},
}
"""Why a value can't be sent: the encoder's codes. A worker says them of its own answers."""
UNREADABLE: Declared = {
    "array_type_unknown": {},
    "buffers_too_large": {"bytes": int},
    "called_too_often": {"most": int},
    "called_what_it_was_not_given": {},
    "codes_of_no_category": {},
    "column_length": {},
    "cut_short": {"error": str},
    "head_of_no_frame": {"magic": str, "bytes": int, "buffers": int},
    "integers_too_large": {},
    "label_lengths": {},
    "level_lengths": {},
    "matrix_index": {},
    "matrix_lengths": {},
    "matrix_parts": {},
    "matrix_pointers": {},
    "matrix_too_large": {},
    "nested_too_deeply": {},
    "not_a_column": {},
    "not_a_frame": {},
    "not_a_label": {},
    "not_a_matrix": {},
    "not_a_message": {"type": str, "error": str},
    "not_a_reply": {},
    "not_a_sequence": {},
    "not_a_shape": {},
    "not_a_table": {},
    "not_an_array": {},
    "not_an_example": {"error": str},
    "not_an_index": {},
    "not_an_object": {},
    "not_categories": {},
    "range_not_integers": {},
    "range_too_large": {},
    "said_more_than_asked": {},
    "shape_of_other_bytes": {},
    "spoke_unasked": {},
    "too_many_categories": {},
    "too_many_columns": {},
    "too_many_keys": {},
    "too_many_levels": {},
    "too_many_objects": {},
    "too_many_parts": {},
    "too_many_rows": {},
    "too_many_tuples": {},
    "type_of_other_bytes": {},
    "type_unknown": {"number": int},
}
"""Why what came can't be read. Only the reader says them."""
WORKER: Declared = {
    "byte_of_no_encoding": {"line": int, "byte": str, "encoding": str},
    "code_unreadable": {"error": str},
    "encoding_contradicts_mark": {"line": int},
    "encoding_of_no_program": {"line": int, "encoding": str},
    "encoding_unknown": {"line": int, "encoding": str},
    "ends_program": {"what": str},
    "imports_beside": {"line": int, "name": str, "file": str},
    "imports_all_beside": {"line": int, "file": str},
    "imports_foreign": {"line": int, "library": str, "allowed": str},
    "imports_missing": {"line": int, "name": str, "file": str},
    "imports_the_task": {"line": int, "library": str, "allowed": str},
    "layer_not_built_in": {"layer": str, "module": str},
    "message_unreadable": {},
    "model_too_large": {"most": int},
    "name_undefined": {"name": str},
    "nul_byte": {"line": int},
    "source_too_deep": {},
    "syntax": {"line": int, "said": str, "python": str},
    "syntax_too_new": {"line": int, "said": str, "python": str},
    "waits_for_input": {"what": str, "line": int},
    "wide_encoding": {"encoding": str},
    "wide_encoding_unmarked": {},
}
"""What a worker says of the learner's file in our words. A line of 0 is not known."""


class Coded(Exception):  # noqa: N818  what is derived from it has the name
    """Carries a code and its arguments; they are declared above."""

    def __init__(self, code: str, /, **arguments: str | int) -> None:
        super().__init__(code)
        self.code, self.arguments = code, arguments

    def __str__(self) -> str:
        """For staff, and for whoever catches it: the code in words, and the arguments."""
        told = ", ".join(f"{name} {value}" for name, value in self.arguments.items())
        words = self.code.replace("_", " ")
        return f"{words} ({told})" if told else words

"""How good the grader's own tests are: small wrong changes to the grader, each of which some test has to notice.

Why with a mutator of ours. mutmut 3 puts all mutants of a function into one file and chooses among them by a variable
of the environment: what stands outside functions, such as a cap, is never changed, and a sandboxed process has no such
variable. cosmic-ray changes files, which reaches every process, but knows neither deleted statements nor words, and
makes a dozen mutants of every `X | None` of an annotation, all of which die at import. The audit of katas has a mutator
already; it is used here, with three more changes.

Why tests are chosen by a table. Which tests reach a line can't be measured by coverage where it matters most: the fork
that judges and the workers are confined, write no file and end by `os._exit`.
"""

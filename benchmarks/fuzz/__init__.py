"""A coverage-guided fuzzer of what the judge does with an answer: it decodes it, and then uses it in every way."""

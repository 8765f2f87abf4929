"""The codes of MessagePack's extensions by which values cross that it has no form for."""

ARRAY, SCALAR, TUPLE, SET, FROZENSET, DICT, BYTES, COMPLEX, BIG, FRAME, SERIES, CSR, OBJECT, CALLBACK = range(1, 15)

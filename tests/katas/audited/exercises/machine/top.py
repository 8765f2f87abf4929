"""The largest values. The task: top.md.

You may import the standard library; no other library, such as numpy, pandas, scipy, sklearn or keras.
"""


def top(values, k):
    """The k largest values, best first."""
    raise NotImplementedError

"""A stub for the grader's own tests.

You may import the standard library and numpy; no other library, such as pandas, scipy, sklearn or keras.
"""


def echo(value):
    raise NotImplementedError


def apply(function, value):
    raise NotImplementedError


def count(upto):
    raise NotImplementedError


class Shelf:
    def __init__(self, items):
        raise NotImplementedError

    def best(self, k):
        raise NotImplementedError

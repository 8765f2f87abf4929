"""A stub for the grader's own tests."""


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

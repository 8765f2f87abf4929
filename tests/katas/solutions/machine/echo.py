"""A reference for the grader's own tests."""


def echo(value):
    return value


def apply(function, value):
    return function(value)


def count(upto):
    yield from range(upto)


class Shelf:
    def __init__(self, items):
        self._items = sorted(items, reverse=True)

    def best(self, k):
        return self._items[:k]

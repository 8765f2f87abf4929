"""How checks read what came back: up to rounding, as plain lists, or as a refusal."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def about(expected: Any) -> Any:
    """The expected value, up to the rounding of float64: 1e-9 of it, or 1e-12."""
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


def rounded_to(expected: Any, returned: Any) -> Any:
    """What came back, with numbers that differ from the expected ones by rounding alone set to these.

    Dicts are looked into, and come back in the order of the expected one, so that both can be read side by side.
    """
    if isinstance(expected, dict) and isinstance(returned, dict):
        keys = [key for key in [*expected, *returned] if key in returned]
        return {key: rounded_to(expected.get(key), returned[key]) for key in keys}
    number = isinstance(expected, float) and isinstance(returned, float)
    return expected if number and math.isclose(returned, expected, rel_tol=1e-9, abs_tol=1e-12) else returned


def rounded_pairs(returned: Any, expected: list[tuple[Any, float]]) -> Any:
    """Pairs (key, number) that came back, with numbers that differ from the expected ones by rounding set to these."""
    near = [number for _, number in expected] + [math.nan] * len(returned)
    return [
        (key, ours if number == about(ours) else number) for (key, number), ours in zip(returned, near, strict=False)
    ]


def keys_of(pairs: Any) -> list[Any]:
    """The keys of pairs (key, number)."""
    return [key for key, _ in pairs]


def as_list(returned: Any) -> Any:
    """What came back, to compare: an array counts as the list of its entries."""
    return returned.tolist() if isinstance(returned, np.ndarray) else returned


def as_lists(returned: Any) -> Any:
    """The same for arrays in a tuple or list too, which comes back as a list."""
    if isinstance(returned, tuple | list):
        return [as_lists(each) for each in returned]
    return as_list(returned)


def refuses(call: Callable[..., object], *args: object) -> None:
    """The call raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011  the message is the learner's
        call(*args)

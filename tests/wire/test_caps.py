"""What a frame may hold is capped, on both sides, before it costs time or memory."""

from typing import Any

import numpy as np
import pytest

from grader.protocol import wire


def lists(depth: int, kind: Any = list) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = kind([value])
    return value


def at_and_over(cap: str) -> tuple[Any, Any]:
    """For each cap, set to ten, a value that may just cross and one that may not."""
    return {
        "extensions": ([()] * 10, [()] * 11),
        "keyed": (dict.fromkeys(range(10)), dict.fromkeys(range(11))),
        "hashed": ([(n,) for n in range(10)], [(n,) for n in range(11)]),
        "parts": ([(1, 2, 3), (4, (5, 6, 7, 8, 9))], [(1, 2, 3), (4, (5, 6, 7, 8, 9, 10))]),
        "big": ([1 << 64] * 10, [1 << 64] * 11),
        "digits": ((1 << 79) - 1, 1 << 79),
        "nothing": (np.zeros((10, 0)), np.zeros((11, 0))),
        "depth": (lists(10), lists(22)),
    }[cap]


@pytest.mark.parametrize("cap", ["extensions", "keyed", "hashed", "parts", "big", "digits", "nothing", "depth"])
def test_the_decoder_holds_each_cap(cap: str, crossed, same) -> None:
    caps = wire.Caps(**({"extensions": 100} | {cap: 10}))
    under, over = at_and_over(cap)
    assert same(under, crossed(under, caps))
    with pytest.raises(wire.WireError):
        crossed(over, caps)


def test_the_decoder_counts_the_members_of_sets_as_it_counts_keys(crossed) -> None:
    caps = wire.Caps(keyed=10)
    assert crossed([{1, 2, 3}, {4: 5}, frozenset(range(6))], caps)
    with pytest.raises(wire.WireError):
        crossed([{1, 2, 3}, {4: 5}, frozenset(range(7))], caps)


@pytest.mark.parametrize(
    "kind",
    [
        lambda n: (n,),
        lambda n: frozenset([n]),
        lambda n: complex(n, 1),
        np.complex64,
        lambda n: {"k": [(n,)]},
        lambda n: {n: frozenset()},
        lambda n: {(n,)},
    ],
    ids="tuple frozenset complex numpy inside value key".split(),
)
def test_what_can_have_any_hash_is_counted_wherever_it_stands(kind: Any, crossed) -> None:
    caps = wire.Caps(hashed=10)
    assert len(crossed([kind(n) for n in range(10)], caps)) == 10
    with pytest.raises(wire.WireError):
        crossed([kind(n) for n in range(11)], caps)


def test_an_honest_answer_of_tuples_has_room(crossed, same) -> None:
    """The most that any reference answers with, five times over."""
    answer = [(n, f"item {n}") for n in range(5 * 520)]
    assert same(answer, crossed(answer))


@pytest.mark.parametrize("kind", [list, tuple, lambda items: {0: items[0]}])
def test_depth_is_the_same_on_both_sides(kind: Any, crossed, same) -> None:
    deepest = lists(wire.CAPS.depth, kind)
    assert same(deepest, crossed(deepest))
    with pytest.raises(wire.WireError):
        crossed(kind([deepest]))


@pytest.mark.parametrize(
    ("caps", "under", "over"),
    [
        (wire.Caps(header=1000), "x" * 997, "x" * 998),
        (wire.Caps(total=800), np.zeros(100), np.zeros(101)),
        (wire.Caps(buffers=3), [np.zeros(1)] * 3, [np.zeros(1)] * 4),
        (wire.Caps(dimensions=2), np.zeros((1, 1)), np.zeros((1, 1, 1))),
        (wire.Caps(depth=5), lists(5), lists(6)),
    ],
    ids=["header", "total", "buffers", "dimensions", "depth"],
)
def test_the_encoder_holds_each_cap(caps: wire.Caps, under: Any, over: Any, parts_of) -> None:
    parts_of(under, caps)
    with pytest.raises(wire.WireError):
        parts_of(over, caps)

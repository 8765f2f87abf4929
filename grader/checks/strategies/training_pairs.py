"""Pairs of user and item for a two-tower model, and streams of item ids.

Batches have 3 to 5 pairs of vectors of two halves in [-1, 1]. Streams have 3 to 7 batches of 1 to 4 ids, steps 1 to 5
apart. Temperatures are 0.5 to 2, `alphas` learning rates in (0, 1], intervals 1 to 64 steps.
"""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Stream = list[tuple[list[int], int]]


class Batch(NamedTuple):
    """The arguments of `inbatch_softmax_loss`, in order."""

    user_emb: NDArray[Any]
    item_emb: NDArray[Any]
    item_ids: NDArray[np.int64]
    log_q: NDArray[Any]
    temperature: float = 0.05
    mask_accidental_hits: bool = True


def only(batch: Batch, pairs: NDArray[np.int64]) -> Batch:
    """Some pairs of a batch, in this order."""
    user_emb, item_emb, item_ids, log_q = (array[pairs] for array in batch[:4])
    return batch._replace(user_emb=user_emb, item_emb=item_emb, item_ids=item_ids, log_q=log_q)


# Halves are exact in binary, and small enough that no logit is far from the others.
halves = st.integers(-2, 2).map(lambda n: n / 2)
vectors = st.lists(halves, min_size=2, max_size=2)
temperatures = st.sampled_from([0.5, 2.0, 1.0])
alphas = st.sampled_from([0.25, 0.5, 0.125, 1.0])
intervals = st.sampled_from([10.0, 4.0, 64.0, 1.0])


@st.composite
def batches(draw: st.DrawFn, copies: bool = True) -> Batch:
    """Three to five pairs; with copies, one item is there at least twice, and another one. No item has two vectors."""
    first = [0, 0, 1] if copies else [0, 1, 2]
    more = draw(st.lists(st.integers(0, 2), max_size=2)) if copies else []
    items = draw(st.permutations(first + more))
    catalogue = np.array(draw(st.lists(vectors, min_size=3, max_size=3)))
    users = np.array(draw(st.lists(vectors, min_size=len(items), max_size=len(items))))
    shares = np.array(draw(st.permutations([0.5, 0.25, 0.03125])))
    ids = np.array(draw(st.permutations([11, 12, 13])))
    return Batch(users, catalogue[items], ids[items], np.log(shares[items]), draw(temperatures))


@st.composite
def reordered(draw: st.DrawFn) -> tuple[Batch, Batch]:
    """A batch, and the same pairs in another order."""
    batch = draw(batches())
    order = np.array(draw(st.permutations(range(len(batch.item_ids)))))
    return batch, only(batch, order)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Three to seven batches over four items, so that each is met more than once, with one to five steps between."""
    step, stream = draw(st.integers(0, 3)), []
    for ids in draw(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=3, max_size=7)):
        stream.append((ids, step))
        step += draw(st.integers(1, 5))
    return stream


@st.composite
def told_twice(draw: st.DrawFn) -> tuple[Stream, Stream]:
    """A stream, and the same with every id twice or three times in its batch, in another order."""
    stream = draw(streams())
    return stream, [(draw(st.permutations(ids + ids + draw(st.permutations(ids))[:1])), step) for ids, step in stream]


def choices(seed: int, n_batches: int) -> list[Batch]:
    """Batches of 400 users, who chose among 300 items by a softmax; q is the share of each item in all choices."""
    rng = np.random.default_rng(seed)
    items = np.column_stack([rng.normal(size=(300, 3)), rng.normal(0, 1.5, 300)])  # the last: everybody's taste
    batches = []
    for _ in range(n_batches):
        users = np.column_stack([rng.normal(size=(400, 3)), np.ones(400)])
        choice = np.exp(users @ items.T)
        choice /= choice.sum(axis=1, keepdims=True)
        taken = np.array([rng.choice(300, p=row) for row in choice])
        batches.append(Batch(users, items[taken], taken, np.log(choice.mean(axis=0)[taken]), 1.0, False))
    return batches

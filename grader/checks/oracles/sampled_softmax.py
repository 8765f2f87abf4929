"""In-batch softmax with a correction for sampling, and streaming frequencies: Yi et al. 2019, algorithm 2."""

import math

import numpy as np
from scipy.special import log_softmax

from grader.checks.strategies.training_pairs import Batch, Stream


def slow_loss(batch: Batch) -> float:
    """By the definition, with the softmax of scipy."""
    logits = batch.user_emb @ batch.item_emb.T / batch.temperature - batch.log_q
    if batch.mask_accidental_hits:
        copies = np.equal.outer(batch.item_ids, batch.item_ids) & ~np.eye(len(logits), dtype=bool)
        logits = np.where(copies, -np.inf, logits)
    return -float(np.diag(log_softmax(logits, axis=1)).mean())


def user_by_user(batch: Batch) -> float:
    """The slowest loss that we accept."""
    total = 0.0
    for user, vector in enumerate(batch.user_emb):
        logits = batch.item_emb @ vector / batch.temperature - batch.log_q
        others = batch.item_ids != batch.item_ids[user]
        others[user] = True
        highest = logits[others].max()
        total += highest + math.log(np.exp(logits[others] - highest).sum()) - logits[user]
    return total / len(batch.item_ids)


class DictIntervals:
    """The slowest estimator that we accept: two dicts in plain Python."""

    def __init__(self, alpha: float, initial_interval: float) -> None:
        self.alpha = alpha
        self.initial_interval = initial_interval
        self.intervals: dict[int, float] = {}
        self.steps: dict[int, int] = {}

    def update(self, ids: list[int], step: int) -> None:
        """A batch of ids was seen at a step."""
        for item in sorted(set(ids)):
            interval = self.intervals.get(item, self.initial_interval)
            if item in self.steps:
                interval = (1 - self.alpha) * interval + self.alpha * (step - self.steps[item])
            self.intervals[item] = interval
            self.steps[item] = step

    def prob(self, item_id: int) -> float:
        """How likely an item is in a batch."""
        return 1 / self.intervals.get(item_id, self.initial_interval)


def slow_prob(stream: Stream, item: int, alpha: float, initial_interval: float) -> float:
    """By the definition, from the steps at which one item was seen."""
    steps = [step for ids, step in stream if item in ids]
    interval = initial_interval
    for i in range(1, len(steps)):
        interval = (1 - alpha) * interval + alpha * (steps[i] - steps[i - 1])
    return 1 / interval

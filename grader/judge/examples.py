"""The examples that a kata's properties run on, prepared in the session and shared by the forks that judge."""

import gc
from typing import TYPE_CHECKING

from grader.judge import prepare
from grader.judge.slots import profile_of
from grader.model import Examples, Job, Kata

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

_SEVERAL, _MANY = 2, 3
"""Submissions of one kata from which on it pays to fill the oracles' caches, and to record the calls of properties."""


class PropertyExamples:
    """Examples for every property of one kata. They are prepared anew when a job wants other ones."""

    def __init__(self, properties: "Sequence[pytest.Function]") -> None:
        self._properties = properties
        self._prepared_for: tuple[int, Examples, str] | None = None
        self._jobs = 0
        self.prepared = prepare.Prepared({}, {}, {})

    def prepare(self, kata: Kata, job: Job) -> None:
        """Prepare the examples that a job wants, before the fork that judges its submission."""
        wanted = (job.seed, job.examples, job.isolation)
        self._jobs += 1
        if self._prepared_for == wanted:
            self._prepare_for_many(kata)
            return
        self.prepared = prepare.prepare(self._properties, kata, job)
        self._prepared_for = wanted
        gc.collect()
        gc.freeze()  # forks need not look through what they share

    def _prepare_for_many(self, kata: Kata) -> None:
        """Do once what every submission would do, now that there are several."""
        if profile_of(kata) == "plain":
            if self._jobs == _MANY:
                self.prepared = prepare.record_traces(self._properties, self.prepared, kata)
        elif self._jobs == _SEVERAL:
            prepare.warm_caches(self._properties, self.prepared)

"""What checks keep of their oracles is found out once, before the forks that judge submissions."""

from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.banks import codec, replay
from grader.banks.codec import Example
from grader.judge import prepare
from grader.judge.proxies import ModuleProxy, current_learner


def kept(number: int) -> int:
    return number * number


def test_oracles_are_run_up_to_the_first_question() -> None:
    checks, learner, asked = ModuleType("checks"), ModuleProxy("learner"), []
    checks.__dict__["oracle"] = oracle = cache(kept)

    @given(st.integers())
    def agrees(number: int) -> None:
        expected = oracle(number)
        asked.append(number)
        assert learner.square(number) == expected
        raise AssertionError("nobody answers")

    item = item_of(agrees, checks)
    prepare.warm_caches([item], of(item, 3, 4, 5))
    assert sorted(asked) == [3, 4, 5]
    assert oracle.cache_info().currsize == 3
    assert current_learner(None) is None


def test_a_property_that_fails_without_an_answer_ends_nothing() -> None:
    checks, learner, asked = ModuleType("checks"), ModuleProxy("learner"), []
    checks.__dict__["oracle"] = cache(kept)

    @given(st.integers())
    def agrees(number: int) -> None:
        asked.append(number)
        try:
            learner.square(number)
        except Exception as error:  # noqa: BLE001  as a check might
            pytest.fail(f"it has no square: {error}")

    item = item_of(agrees, checks)
    prepare.warm_caches([item], of(item, 3, 4))
    assert sorted(asked) == [3, 4]


def test_a_property_whose_checks_keep_nothing_is_left_alone() -> None:
    asked = []

    @given(st.integers())
    def agrees(number: int) -> None:
        asked.append(number)

    item = item_of(agrees, ModuleType("checks"))
    prepare.warm_caches([item], of(item, 3))
    assert asked == []


def item_of(test: Any, checks: ModuleType) -> Any:
    """As much of what pytest collects as is looked at."""
    return SimpleNamespace(nodeid="agrees", obj=test, module=checks)


def of(item: Any, *numbers: int) -> prepare.Prepared:
    """A bank of these examples."""
    records = codec.records_of(item.obj.hypothesis.inner_test)
    examples = [codec.encode(Example((), {"number": number}), records) for number in numbers]
    return prepare.Prepared({item.nodeid: replay.banked((), examples, records)}, {}, {})

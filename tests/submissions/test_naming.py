"""Which kata a name is for, where several katas are meant."""

from types import SimpleNamespace

import pytest

from grader.submissions.naming import Names


def names(*katas: str) -> Names:
    return Names([SimpleNamespace(name=kata, id=f"t/{kata}") for kata in katas], ["t"])  # type: ignore[misc]


@pytest.mark.parametrize("order", [("cf", "user_cf"), ("user_cf", "cf")])
def test_the_longest_name_that_a_file_holds_is_meant(order: tuple[str, str]) -> None:
    assert names(*order).likely("zoe_user_cf-1.py") == "t/user_cf"
    assert names(*order).likely("zoe_cf.py") == "t/cf"


def test_two_names_side_by_side_are_nobodys() -> None:
    assert names("user_cf", "bm25").likely("user_cf_bm25.py") is None


def test_up_to_six_names_are_told_and_more_are_looked_up() -> None:
    assert str(names(*"abcdef")) == "a.py, b.py, c.py, d.py, e.py, f.py"
    assert str(names(*"abcdefg")) == "those that `kata list` shows, such as user_cf.py"

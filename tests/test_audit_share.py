"""What a push audits: whatever changed, and everything within a few days."""

import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from grader.content import catalog
from grader.content.catalog import read_kata

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("there is no clone", allow_module_level=True)
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks import audit_share  # noqa: E402

KATAS = catalog.katas()
RECORD = {kata.id: audit_share.hash_of(kata) for kata in KATAS}


def test_the_shares_hold_every_kata_once_and_cost_about_the_same() -> None:
    shares = audit_share.shares(KATAS)
    assert sorted(kata.id for share in shares for kata in share) == sorted(RECORD)
    costs = [sum(map(audit_share.cost, share)) for share in shares]
    assert max(costs) < 1.5 * min(costs)


def test_every_kata_is_audited_within_so_many_days() -> None:
    days = [audit_share.chosen(KATAS, RECORD, share) for share in range(audit_share.SHARES)]
    assert {kata.id for day in days for kata in day} == set(RECORD)
    assert max(map(len, days)) < len(KATAS) / 2


def test_what_changed_is_audited_on_every_day() -> None:
    altered = {**RECORD, "search/bm25_index": "0" * 64}
    for share in range(audit_share.SHARES):
        assert "search/bm25_index" in [kata.id for kata in audit_share.chosen(KATAS, altered, share)]


def test_without_a_record_everything_is_due(tmp_path: Path) -> None:
    assert audit_share.chosen(KATAS, audit_share.read(tmp_path / "none"), 0) == list(KATAS)


CHANGED = (
    "exercises/machine/top.py",
    "exercises/machine/top.md",
    "solutions/machine/top.md",
    "checks/machine/test_top.py",
    "checks/strategies/numbers.py",
    "fixtures/mistakes/machine/top/any_order.py",
    "fixtures/alternatives/machine/top/by_a_heap.py",
    "fixtures/mistakes/machine/top/new.py",
    "fixtures/equivalents/machine/top.yaml",
    "fixtures/banks/machine/top.bank",
)


@pytest.mark.parametrize("path", CHANGED)
def test_a_change_of_any_file_of_a_kata_is_one_of_the_kata(path: str, tmp_path: Path) -> None:
    root = shutil.copytree(Path(__file__).with_name("katas") / "audited", tmp_path / "audited")
    kata = read_kata(root / "exercises/machine/top.py", root / "checks")
    before = audit_share.hash_of(kata)
    assert audit_share.hash_of(kata) == before
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    with (root / path).open("a") as file:
        file.write("# changed\n")
    assert audit_share.hash_of(kata) != before


def test_another_katas_files_are_not_a_change(tmp_path: Path) -> None:
    root = shutil.copytree(Path(__file__).with_name("katas") / "audited", tmp_path / "audited")
    kata = read_kata(root / "exercises/machine/top.py", root / "checks")
    before = audit_share.hash_of(kata)
    for path in ("checks/machine/test_topmost.py", "fixtures/mistakes/machine/topmost/any.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("# another's\n")
    assert audit_share.hash_of(kata) == before
    assert audit_share.cost(msgspec.structs.replace(kata, title="x")) == audit_share.cost(kata) > 0

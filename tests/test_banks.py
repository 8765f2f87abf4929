"""Example banks: what is kept is what was drawn, nobody else's examples are believed, the first failure is small."""

import ast
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.audit import banks as audit
from grader.audit import files
from grader.banks import cache, codec, replay, shipped, sources
from grader.banks.codec import Example
from grader.content import catalog
from grader.content.catalog import read_kata
from grader.grading import scheduler
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Done, Examples, GraderError, Job, Kata, KataReport, Outcome, Reason
from grader.protocol.errors import SaidNo
from grader.protocol.wire import WireError
from grader.sandbox.backends import registry

KATAS = Path(__file__).with_name("katas")
ECHO = read_kata(KATAS / "exercises/machine/echo.py", KATAS / "checks")
WRONG = (
    ECHO.reference.read_bytes()
    + b"\n_right = echo\ndef echo(value):\n    return [] if value == [7] else _right(value)\n"
)


class Basket(NamedTuple):
    items: list[str]
    prices: np.ndarray


RECORDS = {"Basket": Basket}
baskets = st.builds(
    Basket, st.lists(st.text(max_size=3)), st.lists(st.floats(allow_nan=False), max_size=4).map(np.array)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.lists(values, max_size=3), st.dictionaries(st.sampled_from("ab"), values), baskets)
def test_an_example_comes_back_as_it_went(args: list[object], kwargs: dict[str, object], basket: Basket) -> None:
    data = codec.encode(Example((*args, basket), kwargs), RECORDS)
    *plain, back = codec.decode(data, RECORDS).args
    assert plain == args
    assert codec.decode(data, RECORDS).kwargs == kwargs
    assert type(back) is Basket
    assert back.items == basket.items
    assert np.array_equal(back.prices, basket.prices)


@given(st.binary(max_size=60), st.integers(0, 80), st.integers(0, 255))
def test_other_bytes_are_refused_or_are_an_example(noise: bytes, place: int, value: int) -> None:
    good = bytearray(codec.encode(Example((Basket(["a"], np.ones(2)), 3), {}), RECORDS))
    good[place % len(good)] = value
    for data in (noise, bytes(good)):
        with contextlib.suppress(WireError, ValueError):
            back = codec.decode(data, RECORDS)
            assert (type(back), type(back.args), type(back.kwargs)) == (Example, tuple, dict)


def test_arrays_come_back_fresh_and_writable() -> None:
    data = codec.encode(Example((np.zeros(3),), {}), {})
    codec.decode(data, {}).args[0][:] = 9
    assert codec.decode(data, {}).args[0].tolist() == [0, 0, 0]


def test_only_named_tuples_of_the_checks_can_be_kept() -> None:
    with pytest.raises(WireError):
        codec.encode(Example((Basket([], np.ones(1)),), {}), {})
    with pytest.raises(WireError):
        codec.encode(Example((object(),), {}), RECORDS)


def bank_of(*numbers: int, known: tuple[int, ...] = ()) -> replay.Banked:
    encoded = [codec.encode(Example((), {"values": [0] * number}), {}) for number in numbers]
    shipped_ones = [codec.encode(Example((), {"values": [0] * number}), {}) for number in known]
    return replay.banked(shipped_ones, encoded, {})


def a_property(test) -> object:
    wanted = hypothesis.settings(max_examples=50, database=None, deadline=None, phases=hypothesis.settings().phases)
    return hypothesis.seed(0)(wanted(given(st.lists(st.just(0), max_size=40))(test)))


def test_the_simplest_failure_is_raised() -> None:
    seen = []

    def test(values: list[int]) -> None:
        seen.append(len(values))
        assert len(values) < 5

    with pytest.raises(AssertionError):
        replay.replay(a_property(test), bank_of(9, 30, 2, 7), shrink=False)
    assert seen == [2, 7]


@pytest.mark.filterwarnings("ignore:Using `assume`")
def test_what_a_property_assumes_is_heeded() -> None:
    def test(values: list[int]) -> None:
        hypothesis.assume(len(values) > 4)
        assert len(values) != 9

    replay.replay(a_property(test), bank_of(1, 5, 7), shrink=True)
    with pytest.raises(AssertionError):
        replay.replay(a_property(test), bank_of(1, 9), shrink=False)


def test_a_drawn_failure_is_shrunk_for_somebody_who_practises_and_a_shipped_one_is_small() -> None:
    failed = []

    def test(values: list[int]) -> None:
        if len(values) >= 5:
            failed.append(len(values))
            raise AssertionError

    for bank, last in ((bank_of(9, 30), 5), (bank_of(9, 30, known=(8,)), 8)):
        failed.clear()
        with pytest.raises(AssertionError):
            replay.replay(a_property(test), bank, shrink=True)
        assert failed[-1] == last


def test_shrinking_keeps_to_its_budget() -> None:
    calls, clock = [], iter(range(1000))

    def test(values: list[int]) -> None:
        calls.append(len(values))
        assert len(values) < 3

    with pytest.raises(AssertionError):
        replay.replay(a_property(test), bank_of(30), shrink=True, clock=lambda: float(next(clock)))
    assert len(calls) <= replay.PRACTICE.seconds + 3


def test_an_answer_that_changes_is_told() -> None:
    answers = iter([False, *[True] * 1000])

    def test(values: list[int]) -> None:
        assert next(answers), values

    with pytest.raises(SaidNo) as no:
        replay.replay(a_property(test), bank_of(30), shrink=True)
    assert no.value.reason == Reason("different_answers")


def test_a_hunt_finds_the_smallest_and_hides_no_trouble() -> None:
    def test(values: list[int]) -> None:
        assert len(values) < 5

    with pytest.raises(AssertionError):
        replay.hunt(a_property(test), {})
    replay.hunt(a_property(lambda values: values.sort()), {})
    with pytest.raises(hypothesis.errors.Unsatisfiable):
        replay.hunt(a_property(lambda values: hypothesis.assume(values is None)), {})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "shopkata"


DRAWN = {"test_a": [b"one", b"two"]}


@pytest.mark.usefixtures("home")
def test_what_was_drawn_is_kept_for_its_seed() -> None:
    assert cache.read(ECHO, 3) is None
    cache.write(ECHO, 3, DRAWN)
    assert cache.read(ECHO, 3) == DRAWN
    assert cache.read(ECHO, 4) is None


def test_the_key_is_the_users_alone(home: Path) -> None:
    cache.write(ECHO, 3, DRAWN)
    assert (home / "key").stat().st_mode & 0o777 == 0o600
    (home / "key").chmod(0o644)
    assert cache.read(ECHO, 3) is None


def test_altered_examples_are_not_believed(home: Path) -> None:
    cache.write(ECHO, 3, DRAWN)
    (file,) = (home / "draws").iterdir()
    good = file.read_bytes()
    for bad in (b"", good[:-1], good[:-1] + b"!", bytes(32) + good[32:], good + b"\0"):
        file.write_bytes(bad)
        assert cache.read(ECHO, 3) is None
    file.write_bytes(good)
    assert cache.read(ECHO, 3) == DRAWN


def test_another_seeds_examples_are_not_believed(home: Path) -> None:
    cache.write(ECHO, 3, DRAWN)
    (file,) = (home / "draws").iterdir()
    cache.write(ECHO, 4, {"test_a": [b"three"]})
    (other,) = set((home / "draws").iterdir()) - {file}
    shutil.copy(file, other)
    assert cache.read(ECHO, 4) is None


def test_no_more_than_so_many_files_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 3)
    for seed in range(6):
        cache.write(ECHO, seed, DRAWN)
    assert len(list((home / "draws").iterdir())) == 3
    assert cache.read(ECHO, 5) == DRAWN


def test_where_nothing_can_be_kept_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    cache.write(ECHO, 3, DRAWN)
    assert cache.read(ECHO, 3) is None


@pytest.fixture
def judge(home: Path) -> Iterator[Judge]:
    assert not home.exists()
    judge = Judge()
    yield judge
    judge.close()


def judged(judge: Judge, code: bytes, **how: object) -> KataReport:
    *_, done = judge.events(Request(ECHO, Job(ECHO.id, code, **{"isolation": registry.resolve("auto"), **how})))
    assert isinstance(done, Done)
    return done.report


def outcome(report: KataReport, check: str = "test_any_list") -> Outcome:
    return {verdict.check: verdict.outcome for verdict in report.verdicts}[check]


def test_a_grade_keeps_what_it_drew_unless_learners_could_read_it(judge: Judge, home: Path) -> None:
    judged(judge, ECHO.reference.read_bytes(), isolation="bare")
    judged(judge, ECHO.reference.read_bytes(), examples=Examples.ANEW)
    assert not (home / "draws").exists()
    judged(judge, ECHO.reference.read_bytes())
    assert len(list((home / "draws").iterdir())) == 1


@pytest.mark.usefixtures("home")
def test_a_certified_grade_draws_anew() -> None:
    name = "test_echo.py::test_any_list"
    cache.write(ECHO, 0, {name: [codec.encode(Example((), {"values": [1]}), {})]})
    wrong = b"\ndef echo(value):\n    return value if value == [1] else None\n"
    for examples, expected in ((Examples.BANK, Outcome.PASSED), (Examples.ANEW, Outcome.FAILED)):
        judge = Judge()
        assert outcome(judged(judge, ECHO.reference.read_bytes() + wrong, examples=examples)) is expected
        judge.close()


@pytest.fixture
def audited(tmp_path: Path, request: pytest.FixtureRequest) -> Kata:
    request.getfixturevalue("warm_team")
    root = shutil.copytree(KATAS / "audited", tmp_path / "audited")
    return read_kata(root / "exercises/machine/top.py", root / "checks")


def examined(kata: Kata):
    (proof,) = audit.examine([kata], registry.resolve("auto"), mutants=False)
    return proof


def test_the_audit_builds_a_bank_and_then_agrees_with_hypothesis(audited: Kata) -> None:
    first = examined(audited)
    assert first.problems == ()
    audited.checks.write_text(audited.checks.read_text() + "\n# changed\n")
    (problem,) = examined(audited).problems
    assert problem == "its bank was stale, and is built anew: look at it and commit it"
    second = examined(audited)
    assert second.problems == ()
    assert second.shipped >= 2
    assert second.verdicts["laxer"] == second.sizes["larger"] == 0
    assert second.verdicts["same"] >= 6


def test_a_bank_that_is_stale_or_damaged_is_told(audited: Kata) -> None:
    examined(audited)
    assert not [problem for problem in files.problems(audited) if "bank" in problem]
    audited.checks.write_text(audited.checks.read_text() + "\n# changed\n")
    assert [problem for problem in files.problems(audited) if "its example bank is stale" in problem]
    assert shipped.fitting(audited) is None
    shipped.path(audited).write_bytes(b"\xc1")
    with pytest.raises(GraderError, match="damaged"):
        shipped.read(audited)


@pytest.fixture
def strategies(audited: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shared modules, of which the check imports `baskets`, which imports `prices`."""
    folder = tmp_path / "grader/checks/strategies"
    folder.mkdir(parents=True)
    for room in ("banks", "datasets", "judge"):
        (tmp_path / "grader" / room).symlink_to(catalog.PACKAGE / room)
    monkeypatch.setattr(catalog, "PACKAGE", tmp_path / "grader")
    (folder / "baskets.py").write_text("from grader.checks.strategies import prices\n")
    (folder / "prices.py").write_text("MOST = 9\n")
    (folder / "words.py").write_text("MOST = 9\n")
    imports = "from grader.checks.strategies.baskets import prices\n"
    audited.checks.write_text(imports + audited.checks.read_text())
    return folder


def hashes(kata: Kata) -> set[str]:
    return {shipped.hash_of_checks(kata), shipped.hash_of_origin(kata)}


@pytest.mark.parametrize("module", ["baskets", "prices"])
def test_examples_are_stale_when_a_shared_module_changes(audited: Kata, strategies: Path, module: str) -> None:
    before = hashes(audited)
    with (strategies / f"{module}.py").open("a") as file:
        file.write("# changed\n")
    assert not hashes(audited) & before


def test_a_bank_fits_until_a_shared_module_changes(audited: Kata, strategies: Path) -> None:
    made_from = {"checks": shipped.hash_of_checks(audited), "made_from": shipped.hash_of_origin(audited)}
    shipped.write(audited, shipped.Shipped(**made_from, versions={}, examples={}, drawn={}, codec=codec.fingerprint()))
    assert shipped.fitting(audited) is not None
    (strategies / "prices.py").write_text("MOST = 8\n")
    assert shipped.fitting(audited) is None
    assert [problem for problem in files.problems(audited) if "its example bank is stale" in problem]


def test_a_module_that_a_check_does_not_import_is_nothing_to_its_examples(audited: Kata, strategies: Path) -> None:
    before = hashes(audited)
    (strategies / "words.py").write_text("MOST = 8\n")
    assert hashes(audited) == before


@pytest.mark.usefixtures("home")
def test_what_was_drawn_is_not_believed_when_a_shared_module_changes(audited: Kata, strategies: Path) -> None:
    cache.write(audited, 3, DRAWN)
    assert cache.read(audited, 3) == DRAWN
    (strategies / "prices.py").write_text("MOST = 8\n")
    assert cache.read(audited, 3) is None


IMPORTS = (
    "import grader.checks.strategies.prices as p\n",
    "from grader.checks.strategies import (\n    prices,\n)\n",
    "from grader.checks.strategies.prices import MOST\n",
    "def test():\n    from grader.checks.strategies.prices import MOST\n",
)


@pytest.mark.parametrize("imports", IMPORTS)
def test_shared_modules_are_found_however_they_are_imported(audited: Kata, strategies: Path, imports: str) -> None:
    audited.checks.write_text(imports)
    assert sources.of_checks(audited) == [audited.checks, strategies / "prices.py"]


def test_a_check_that_cannot_be_read_imports_nothing(audited: Kata) -> None:
    for text in (b"import grader.checks.strategies.(", b"\0"):
        audited.checks.write_bytes(text)
        assert sources.of_checks(audited) == [audited.checks]


LOADED = """
import sys
from grader.judge import pytest_plugin
from grader.content import catalog
def loop(suite):
    print(*sorted(module.__file__ for name, module in sys.modules.items() if name.startswith("grader.checks.")))
pytest_plugin.collect_and(catalog.find(sys.argv[1]), loop)
"""


@pytest.mark.skipif(bool(os.environ.get(catalog.OWN)), reason="other katas")
@pytest.mark.parametrize("name", ["lambdarank", "rfm_profile"])
def test_what_a_check_loads_is_hashed(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, name], capture_output=True, text=True, check=True)
    loaded = {Path(file) for file in done.stdout.split()}
    found = sources.of_checks(catalog.find(name))[1:]
    assert found
    assert {file for file in loaded if file.name != "__init__.py"} == {
        file for file in found if file.name != "__init__.py"
    }


def test_packages_of_shared_modules_hold_nothing_that_would_have_to_be_hashed() -> None:
    packages = sorted((catalog.PACKAGE / "checks").rglob("__init__.py"))
    assert len(packages) >= 3
    for package in packages:
        (only,) = ast.parse(package.read_text(encoding="utf-8")).body
        assert isinstance(only, ast.Expr), package


def test_what_ships_finds_what_the_seed_does_not(audited: Kata) -> None:
    examined(audited)
    rare = Example((), {"values": [9, 9, 9, 9], "k": 5})
    name = "test_top.py::test_one_by_one"
    bank = shipped.read(audited)
    assert bank is not None
    code = audited.reference.read_bytes() + (
        b"\n_right = top\ndef top(values, k):\n    return [] if values == [9] * 4 else _right(values, k)\n"
    )
    found = []
    for examples in ({}, {name: [codec.encode(rare, {})]}):
        shipped.write(audited, msgspec.structs.replace(bank, examples=examples))
        kata = msgspec.structs.replace(
            audited, title=f"with {len(examples)} examples"
        )  # which makes a session of its own
        job = Job(kata.id, code, registry.resolve("auto"))
        ((_, done),) = [each for each in scheduler.judge_all([job], [kata]) if isinstance(each[1], Done)]
        found.append(outcome(done.report, "test_one_by_one"))
    assert found == [Outcome.PASSED, Outcome.FAILED]


@pytest.mark.skipif(bool(os.environ.get(catalog.OWN)), reason="other katas")
@pytest.mark.parametrize("kata", catalog.katas(), ids=lambda kata: kata.id)
def test_every_kata_ships_a_bank_of_its_own_checks(kata: Kata) -> None:
    bank = shipped.read(kata)
    assert bank is not None
    assert bank.made_from == shipped.hash_of_origin(kata)
    assert sum(map(len, bank.examples.values())) >= 5

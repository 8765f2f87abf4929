"""What several test files need: a small catalogue, made-up reports, golden files."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from grader.cli import main
from grader.content import catalog
from grader.grading import judge_process
from grader.grading.judge_process import Judge
from grader.judge.messages import Request
from grader.model import Check, Event, Group, KataReport, Outcome, Reason, Report, Status, Verdict, Versions

GOLDEN = Path(__file__).parents[1] / "fixtures" / "reports"
FRONT_MATTER = "---\ntitle: T\nquestions: [Q1]\nlevel: core\nminutes: 10\n---\nText.\n"

# A slow machine is no failure, and the same commit has the same result.
settings.register_profile("tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="rewrite the golden files; read the diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with a golden file."""

    def compare(name: str, text: str) -> None:
        if request.config.getoption("--write-golden"):
            (GOLDEN / name).write_text(text, encoding="utf-8")
        assert text == (GOLDEN / name).read_text(encoding="utf-8")

    return compare


@pytest.fixture
def catalogue(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Three katas in two tracks; the folder that holds them."""
    root = tmp_path_factory.mktemp("content")
    for kata in ("recommendation/user_cf", "recommendation/item_cf", "search/bm25"):
        stub = root / "exercises" / f"{kata}.py"
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("")
        stub.with_suffix(".md").write_text(FRONT_MATTER)
    monkeypatch.setattr(catalog, "content_root", lambda: root)
    catalog.katas.cache_clear()
    yield root
    catalog.katas.cache_clear()


class _Lent:
    """Stands in for a judge: hands requests on to judges that stay warm, one for each hash seed."""

    def __init__(self, warm: dict[int, Judge]) -> None:
        self._warm = warm

    def events(self, request: Request) -> Iterator[Event]:
        judge = self._warm.setdefault(request.job.audit.hash_seed, Judge())
        return judge.events(request)

    def close(self) -> None:
        """Keep the judges, but for those that are at work."""
        for seed, judge in list(self._warm.items()):
            if judge._busy:
                judge.close()
                del self._warm[seed]


@pytest.fixture(scope="session")
def two_judges() -> Iterator[list[dict[int, Judge]]]:
    """Judges whose start is paid for once: a dict for each of two, by hash seed."""
    judges = [dict(enumerate(pair)) for pair in zip(judge_process.team(2, 0), judge_process.team(2, 1), strict=True)]
    yield judges
    for judge in (judge for warm in judges for judge in warm.values()):
        judge.close()


@pytest.fixture
def warm_team(two_judges: list[dict[int, Judge]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs find warm judges: for tests that aren't about how judges start and end."""
    start = judge_process.team

    def team(size: int, hash_seed: int = 0) -> list[Judge]:
        if size > len(two_judges):
            return start(size, hash_seed)
        return [_Lent(warm) for warm in two_judges[:size]]  # type: ignore[misc]

    monkeypatch.setattr(judge_process, "team", team)


class Ran(NamedTuple):
    """What a command has done."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def kata(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command `kata` in this process, with warm judges."""
    request.getfixturevalue("warm_team")

    def run(*arguments: object, cwd: Path | None = None) -> Ran:
        capsys.readouterr()
        with monkeypatch.context() as here:
            here.setattr(sys, "argv", ["kata", *map(str, arguments)])
            if cwd is not None:
                here.chdir(cwd)
            with pytest.raises(SystemExit) as end:
                main()
        return Ran(int(end.value.code or 0), *capsys.readouterr())

    return run


def said(text: str) -> Reason:
    """A check's own words."""
    return Reason("check_says", {"text": text})


PLAN = (
    (Group.INTERFACE, 1, "test_names", "Every function is there and takes what the statement says."),
    (Group.INTERFACE, 1, "test_keeps_arguments", "The matrix of ratings is left as it was."),
    (Group.EXAMPLES, 5, "test_golden", "Similarity is taken over the items that both users rated, and over no others."),
    (Group.EXAMPLES, 5, "test_weights", "A prediction is the user's mean plus the neighbours' weighted deviations."),
    (Group.EDGES, 3, "test_nobody", "Without a neighbour the prediction is the user's own mean."),
    (Group.EDGES, 3, "test_empty", "A user without ratings gets the mean of all ratings."),
    (Group.EDGES, 3, "test_refuses", "A negative k, and a matrix that isn't two-dimensional, raise ValueError."),
    (Group.EDGES, 3, "test_ties", "Neighbours that are equally similar are taken by smaller index."),
    (Group.PROPERTIES, 5, "test_order", "Relabelling the users relabels the predictions and changes nothing else."),
    (Group.PROPERTIES, 5, "test_bounds", "Similarity is between -1 and 1."),
    (Group.PROPERTIES, 5, "test_shift", "Adding 1 to all of a user's ratings adds 1 to that user's predictions."),
    (Group.PROPERTIES, 5, "test_symmetry", "Two users are as similar as the other way round."),
    (Group.ORACLE, 5, "test_oracle", "Predictions equal those of the slow definition, term by term."),
    (Group.DATA, 2, "test_data", "On the shop's ratings the error is at most 0.9 times that of the item means."),
    (Group.SPEED, 2, "test_speed", "A thousand users take at most five times as long as the reference."),
)
CHECKS = tuple(Check(name, says, group, points) for group, points, name, says in PLAN)
BAD = (
    Verdict(
        "test_golden",
        Outcome.FAILED,
        call="similarity(np.array([[5., 3., np.nan, 1.],\n          [4., np.nan, 4., 1.]]), 0, 1)",
        returned="-0.647150228929434",
        expected="-0.9819805060619657",
        seconds=0.0414,
        trace="E   assert -0.647 == -0.98, in a hidden file",
    ),
    Verdict(
        "test_weights",
        Outcome.RAISED,
        call="predict(np.array([[5., np.nan]]), 0, 1, k=2)",
        reason=Reason("raised", {"kind": "ZeroDivisionError", "text": "division by zero", "line": 0}),
    ),
    Verdict(
        "test_empty",
        Outcome.FAILED,
        call="predict(np.array([[np.nan, np.nan], [2., 4.]]), 0, 0, k=1)",
        returned="None",
        expected="3.0",
    ),
    Verdict(
        "test_refuses", Outcome.FAILED, "predict(np.array([1., 2.]), 0, 0, k=-1)", "1.5", reason=said("did not raise")
    ),
    Verdict("test_oracle", Outcome.TIMED_OUT, reason=said("one call took more than 5 s of CPU"), seconds=5.2049),
    Verdict("test_data", Outcome.CRASHED, reason=said("the worker used more than 1,024 MB of memory")),
)
GOOD = ("names", "keeps_arguments", "nobody", "ties", "order", "bounds", "shift", "symmetry")
VERDICTS = (*BAD, *(Verdict(f"test_{name}", Outcome.PASSED, seconds=0.02) for name in GOOD))
PASSED = KataReport(
    "search/bm25",
    Status.PASSED,
    (
        Check("test_rare_words", "A rare word weighs more than a common one.", Group.EXAMPLES, 5),
        Check("test_length", "Of two documents with the same words, the shorter scores higher.", Group.PROPERTIES, 5),
    ),
    (Verdict("test_rare_words", Outcome.PASSED), Verdict("test_length", Outcome.PASSED, seconds=0.1234567)),
    seconds=0.4,
    cpu_seconds=0.31,
)
FAILED = KataReport("recommendation/user_cf", Status.FAILED, CHECKS, VERDICTS, seconds=6.1004, cpu_seconds=5.8)
FAULTY = KataReport(
    "recommendation/item_cf", Status.ERROR, PASSED.checks, fault="the judge's process ended unexpectedly"
)


def report(status: Status, *katas: KataReport) -> Report:
    return Report(
        submission="ada",
        sha256=hashlib.sha256(b"ada").hexdigest(),
        status=status,
        isolation="sandlock",
        seed=0,
        started="2026-01-31T08:05:09+00:00",
        seconds=6.51239,
        katas=katas,
        name="Ada",
        versions=Versions("Linux 6.12 x86_64", {"grader": "0.1.0", "python": "3.12.1", "numpy": "2.4.0"}),
        hashes={kata.kata: hashlib.sha256(kata.kata.encode()).hexdigest() for kata in katas},
    )


@pytest.fixture
def passing() -> Report:
    return report(Status.PASSED, PASSED)


@pytest.fixture
def failing() -> Report:
    """Every outcome there is; of the last check nothing was heard."""
    return report(Status.FAILED, FAILED, PASSED)


@pytest.fixture
def faulty() -> Report:
    """The grader failed on one kata of two."""
    return report(Status.ERROR, FAULTY, PASSED)


@pytest.fixture
def unreadable() -> Report:
    """Nothing could be judged."""
    why = "'ada': 'user_cf.py' is encrypted; zip the folder without a password"
    return msgspec.structs.replace(report(Status.UNREADABLE), sha256="", reason=why, seconds=0.0)


@pytest.fixture
def lacking() -> Report:
    """One of two katas wasn't handed in, or not under its name."""
    reason = Reason("not_handed_in", {"file": "user_cf.py", "ignored": ""})
    absent = KataReport(
        FAILED.kata,
        Status.FAILED,
        FAILED.checks,
        tuple(Verdict(check.name, Outcome.NOT_RUN, reason=reason) for check in FAILED.checks),
    )
    found = report(Status.FAILED, absent, PASSED)
    return msgspec.structs.replace(found, missing=(absent.kata,), ignored=("user_cf (1).py", "x.ipynb"))

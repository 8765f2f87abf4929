"""The fuzzer of answers: the kept corpus does no harm, and what does harm is found."""

import signal
import sys
import textwrap
from pathlib import Path

import pytest

from grader.protocol import wire

ROOT = Path(__file__).parents[2]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("there is no clone", allow_module_level=True)
sys.path.append(str(ROOT))  # at the end: a grader that is installed comes first

from benchmarks.fuzz import __main__ as command  # noqa: E402
from benchmarks.fuzz import campaign, consumers, gather, target  # noqa: E402
from benchmarks.fuzz.choices import Choices  # noqa: E402
from benchmarks.fuzz.grammar import Grammar, frame_of  # noqa: E402

KEPT = sorted(command.CORPUS.glob("*.frame"))


def test_no_frame_of_the_kept_corpus_ends_the_process_that_uses_it() -> None:
    outcome = campaign.replay(KEPT)
    assert outcome.findings == []
    assert outcome.tried == len(KEPT) > 50


@pytest.mark.parametrize("path", [path for path in KEPT if path.name.startswith("true_")], ids=lambda path: path.stem)
def test_true_frames_of_the_corpus_are_decoded(path: Path) -> None:
    target.decoded(path.read_bytes())


def test_lies_of_the_corpus_are_refused_where_decoding_is_the_danger() -> None:
    lies = [path for path in KEPT if path.name.startswith("lie_") and "hash" not in path.name]
    assert len(lies) > 20
    for path in lies:
        with pytest.raises(wire.WireError):
            target.decoded(path.read_bytes())


def test_made_frames_are_decoded_about_as_often_as_they_are_refused() -> None:
    """Whoever only ever sends nonsense gets no further than the first check."""
    kinds = set()
    for seed in range(400):
        sent = frame_of(Grammar(Choices(bytes((seed * step * 37 + step) % 251 for step in range(1, 80)))).frame())
        try:
            kinds.add(type(target.decoded(sent)).__name__)
        except wire.WireError:
            kinds.add("refused")
    assert kinds >= {"refused", "ndarray", "DataFrame", "Series", "csr_matrix", "list", "tuple", "dict"}


TARGETS = """
    import os, signal, sys
    sys.modules["__main__"].CPU_SECONDS = 0.5  # the child, which needs not be waited for so long here
    def run(data):
        if data == b"bad":
            os.kill(os.getpid(), signal.SIGSEGV)
        if data == b"raises":
            raise SystemError("native code complains")
        if data == b"long":
            while True:
                pass
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somewhere to put inputs, for a target that dies of some."""
    (tmp_path / "planted.py").write_text(textwrap.dedent(TARGETS), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"bad", f"died by {signal.SIGSEGV.name}"),
        (b"raises", "SystemError: native code complains"),
        (b"long", "took more than 10 s of CPU"),
    ],
)
def test_what_ends_the_child_is_the_finding(planted: Path, data: bytes, cause: str) -> None:
    files = []
    for name, content in (("1", b"good"), ("2", data), ("3", b"also good")):
        files.append(planted / name)
        files[-1].write_bytes(content)
    outcome = campaign.replay(files, "planted:run")
    assert [(finding.data, finding.cause) for finding in outcome.findings] == [(data, cause)]
    assert outcome.tried == len(files)


def test_the_command_keeps_a_finding_and_says_so(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (planted / "x.frame").write_bytes(b"bad")
    asked = [
        "--seconds",
        "0",
        "--corpus",
        str(planted),
        "--findings",
        str(planted / "found"),
        "--target",
        "planted:run",
    ]
    assert command.main(asked) == command.FOUND
    assert "replay: 1 executions, 1 findings" in capsys.readouterr().out
    assert [path.read_bytes() for path in (planted / "found").iterdir()] == [b"bad"]
    (planted / "x.frame").write_bytes(b"good")
    assert command.main(asked) == command.CLEAN


def test_a_system_error_of_any_use_is_raised_and_a_complaint_is_not() -> None:
    class Broken:
        def __hash__(self) -> int:
            raise SystemError

    with pytest.raises(SystemError):
        consumers.use(Broken(), Broken())
    consumers.use([{}], [{}])


def test_a_frame_that_reaches_nothing_new_is_not_gathered(tmp_path: Path) -> None:
    corpus, inputs = tmp_path / "corpus", [tmp_path / "one", tmp_path / "two"]
    corpus.mkdir()
    for path in inputs:
        path.write_bytes((command.CORPUS / "true_matrix.frame").read_bytes())
    assert gather.into(corpus, inputs) == 1
    assert gather.into(corpus, inputs) == 0

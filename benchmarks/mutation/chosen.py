"""Which tests have to notice a change to which module: the cheapest first, since the first that fails is enough."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WIRE = tuple(f"tests/wire/test_{name}.py" for name in ("values", "arrays", "tables", "refusals", "caps"))
_SUBMISSIONS = ("tests/submissions",)
_REMOTE = ("tests/test_remote_module.py", "tests/test_grade.py", "tests/test_pipelining.py")
_JUDGE = ("tests/test_grade.py", "tests/faults")
TESTS: dict[str, tuple[str, ...]] = {
    "grader/scoring.py": ("tests/test_scoring.py", "tests/test_grading.py"),
    **{
        f"grader/protocol/{name}.py": _WIRE
        for name in ("arrays", "caps", "codes", "columns", "matrices", "tables", "wire")
    },
    "grader/protocol/channel.py": ("tests/wire/test_channel.py", "tests/test_scheduler.py", "tests/test_grade.py"),
    "grader/protocol/errors.py": ("tests/test_remote_module.py", "tests/test_grade.py"),
    "grader/protocol/frames.py": ("tests/wire/test_channel.py", *_WIRE, "tests/test_grade.py"),
    **{f"grader/submissions/{name}.py": _SUBMISSIONS for name in ("archive", "naming", "reader")},
    "grader/banks/cache.py": ("tests/test_banks.py",),
    "grader/banks/codec.py": ("tests/test_prepare.py", "tests/test_banks.py"),
    "grader/banks/drawn.py": ("tests/test_grade.py", "tests/test_banks.py"),
    "grader/banks/replay.py": ("tests/test_grade.py", "tests/test_banks.py"),
    "grader/banks/shipped.py": ("tests/test_banks.py",),
    "grader/grading/command.py": ("tests/test_command.py", "tests/test_cli.py"),
    "grader/grading/grade.py": ("tests/test_grading.py", "tests/test_command.py"),
    "grader/grading/judge_process.py": ("tests/test_scheduler.py", "tests/faults"),
    "grader/grading/output.py": ("tests/test_output.py",),
    "grader/grading/resume.py": ("tests/test_command.py",),
    "grader/grading/scheduler.py": ("tests/test_scheduler.py", "tests/faults"),
    "grader/grading/versions.py": ("tests/test_versions.py", "tests/test_grading.py"),
    "grader/judge/confinement.py": ("tests/faults",),
    "grader/judge/explain.py": _JUDGE,
    "grader/judge/formatting.py": ("tests/test_formatting.py", "tests/test_grade.py"),
    "grader/judge/judging.py": _JUDGE,
    "grader/judge/messages.py": ("tests/test_server.py", *_JUDGE),
    "grader/judge/pipelining.py": ("tests/test_pipelining.py",),
    "grader/judge/prepare.py": ("tests/test_prepare.py", "tests/test_grade.py", "tests/test_banks.py"),
    "grader/judge/proxies.py": ("tests/test_prepare.py", "tests/test_grade.py"),
    "grader/judge/pytest_plugin.py": _JUDGE,
    "grader/judge/remote_module.py": _REMOTE,
    "grader/judge/server.py": ("tests/test_server.py", *_JUDGE),
    "grader/judge/session.py": _JUDGE,
    "grader/judge/slots.py": ("tests/test_slot.py", *_JUDGE),
    "grader/judge/supervisor.py": _JUDGE,
    "grader/judge/workers.py": ("tests/test_worker.py", *_JUDGE),
}
FOLDERS = ("protocol", "submissions", "banks", "grading", "judge")


def modules() -> list[str]:
    """Every module in scope, by its path in the clone."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / "grader" / folder).glob("*.py"))]
    return [path.relative_to(ROOT).as_posix() for path in (ROOT / "grader/scoring.py", *found) if path.name[0] != "_"]

"""Which tests have to notice a change to which module: the cheapest first, since the first that fails is enough."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WIRE = tuple(f"tests/wire/test_{name}.py" for name in ("values", "limits", "caps", "refusals", "tables", "arrays"))
_GRADE, _REMOTE, _SERVER = "tests/test_grade.py", "tests/test_remote_module.py", "tests/test_server.py"
_COMMAND, _SCHEDULER, _BANKS = "tests/command", "tests/test_scheduler.py", "tests/test_banks.py"
_FAULTS, _CHANNEL, _PREPARE = "tests/faults", "tests/wire/test_channel.py", "tests/test_prepare.py"
BY_FOLDER = {
    "protocol": _WIRE,
    "submissions": ("tests/submissions",),
    "banks": (_BANKS,),
    "grading": (_COMMAND, "tests/test_grading.py", _SCHEDULER),
    "judge": (_REMOTE, _SERVER, _GRADE, _FAULTS),
}
"""For whatever isn't named below."""
BY_MODULE = {
    "scoring": ("tests/test_scoring.py", "tests/test_grading.py"),
    "protocol/channel": (_CHANNEL,),
    "protocol/codes": ("tests/wire/test_said.py", *_WIRE),
    "protocol/errors": ("tests/wire/test_said.py", _REMOTE, _GRADE),
    "protocol/frames": (_CHANNEL, *_WIRE),
    "banks/codec": (_PREPARE, _BANKS),
    "banks/drawn": (_GRADE, _BANKS),
    "banks/replay": (_BANKS, _GRADE),
    "grading/judge_process": (_SCHEDULER, _FAULTS),
    "grading/output": ("tests/test_output.py",),
    "grading/versions": ("tests/test_versions.py", "tests/test_grading.py"),
    **{
        f"judge/{name}": (_REMOTE, _GRADE, "tests/test_unloadable.py")
        for name in (
            "budget",
            "call_history",
            "callbacks",
            "endless",
            "exchange",
            "handles",
            "loading",
            "remote_module",
        )
    },
    **{
        f"judge/{name}": (_GRADE, "tests/test_unloadable.py", _BANKS)
        for name in ("check_runner", "examples", "hypothesis_profile", "plan", "property_runner", "pytest_plugin")
    },
    "judge/assertion_recorder": (_GRADE, "tests/test_explain.py"),
    "judge/call_traces": ("tests/test_pipelining.py",),
    "judge/confinement": (_FAULTS,),
    "judge/explain": ("tests/test_explain.py", _GRADE, _FAULTS),
    "judge/formatting": ("tests/test_formatting.py", _GRADE),
    "judge/model_rebuilding": ("tests/test_model_rebuilder.py", _REMOTE),
    "judge/pipelining": ("tests/test_pipelining.py",),
    "judge/prepare": (_PREPARE, _GRADE, _BANKS),
    "judge/proxies": (_PREPARE, _GRADE),
    "judge/server": (_SERVER, _GRADE, _FAULTS),
    "judge/slots": ("tests/test_slot.py", _GRADE, _FAULTS),
    "judge/workers": ("tests/test_lost_workers.py", "tests/test_worker.py", _GRADE, _FAULTS),
}


def modules() -> Mapping[str, tuple[str, ...]]:
    """Every module in scope, by its path in the clone, and its tests."""
    found = [ROOT / "grader/scoring.py"]
    for folder in BY_FOLDER:
        found += [path for path in sorted((ROOT / "grader" / folder).glob("*.py")) if path.name != "__init__.py"]
    return {path.relative_to(ROOT).as_posix(): _tests(path) for path in found}


def _tests(path: Path) -> tuple[str, ...]:
    name = path.relative_to(ROOT / "grader").with_suffix("").as_posix()
    return BY_MODULE.get(name) or BY_FOLDER[path.parent.name]

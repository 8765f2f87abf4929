"""Runs the checks by plain pytest, on the references, in process: `pytest grader/checks/search`, `--pdb` and all.

`--submission FILE` puts another file in the reference's place. The grader itself never reads this file.
"""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from grader.content import catalog
from grader.judge import pytest_plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option."""
    parser.addoption(
        "--submission", type=Path, help="judge this file in place of the reference (of one kata, in process)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Know the marks, and draw examples as the grader does."""
    pytest_plugin.register_marks(config)
    settings.load_profile("kata")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Put the reference, or the submission, where the check looks for the learner's module."""
    if not isinstance(collector, pytest.Module):
        return
    kata = catalog.find(collector.path.stem.removeprefix("test_"))
    _load("reference", kata.reference)
    _load(kata.name, collector.config.getoption("--submission") or kata.reference)


def _load(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise pytest.UsageError(f"{path} isn't a Python file")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

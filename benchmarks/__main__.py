"""`python -m benchmarks`: this grader and its peers on the same work, in one run."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks import frozen, machine, processes, results
from benchmarks.bench import FULL, QUICK, Bench, Finding, kata_command
from benchmarks.measures import MEASURES, WITH_PEERS
from benchmarks.peers import PEERS
from benchmarks.peers.install import Installed, installed

RESULTS = Path(__file__).with_name("RESULTS.md")
PROBLEM, STOPPED = 2, 130


def main() -> int:
    """Measure what was asked for."""
    asked = _asked()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 130)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us, nothing of ours is left
    try:
        return _measured(asked, console)
    except KeyboardInterrupt:
        console.print("stopped; nothing was written and no process is left")
        return STOPPED
    except OSError as error:
        console.print(f"benchmarks: {error}", markup=False)
        return PROBLEM
    finally:
        processes.end_all()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="everything, smaller: a few minutes")
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="NAME", help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--no-peers", action="store_true", help="leave the other graders out")
    parser.add_argument("--peers-dir", type=Path, default=_cache(), help="where they are installed (%(default)s)")
    parser.add_argument(
        "--output", type=Path, help="where the page is written (benchmarks/RESULTS.md after a full run, else nowhere)"
    )
    return parser.parse_args()


def _measured(asked: argparse.Namespace, console: Console) -> int:
    """Refuse to measure other work, then measure."""
    if altered := frozen.altered():
        console.print(f"benchmarks: the work isn't what it was: {', '.join(altered)}", markup=False)
        return PROBLEM
    kata_command()
    processes.adopt_orphans()
    began, names = time.monotonic(), asked.only or list(MEASURES)
    with tempfile.TemporaryDirectory(prefix="kata-benchmarks-") as place, _progress(console) as told:
        folder = Path(place)
        needed = WITH_PEERS.intersection(names) and not asked.no_peers
        peers, missing = _peers(asked.peers_dir, folder, told) if needed else ((), [])
        facts = [*machine.facts(peers), *missing]
        bench = Bench(QUICK if asked.quick else FULL, folder, peers, told)
        findings: list[Finding] = []
        for name in names:
            for finding in MEASURES[name](bench):
                findings.append(finding)
                results.show(finding, console)
    for name, why in missing:
        console.print(f"{name}: {why}", markup=False)
    results.show_goals(results.figures_of(findings), console)
    complete = not (asked.quick or asked.only or asked.no_peers)
    if output := asked.output or (RESULTS if complete else None):
        options = "".join(f" {part}" for part in _options(asked))
        output.write_text(results.page(facts, findings, options, time.monotonic() - began), encoding="utf-8")
        console.print(f"\nwritten: {output}", markup=False)
    return 0


def _peers(
    environments: Path, folder: Path, told: Callable[[str], None]
) -> tuple[tuple[Installed, ...], list[tuple[str, str]]]:
    """The peers that are ready, and why others aren't."""
    found, missing = [], []
    for peer in PEERS:
        told(f"{peer.name}: its virtual environment, and the kata in its format")
        try:
            found.append(installed(peer, environments.absolute(), folder / "peers"))
        except OSError as error:
            missing.append((peer.name, f"left out: {' '.join(str(error).split())}"))
    return tuple(found), missing


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Tells what is being done, on a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda what: progress.update(task, description=what)


def _options(asked: argparse.Namespace) -> list[str]:
    only = ["--only", *asked.only] if asked.only else []
    return [*(["--quick"] if asked.quick else []), *only, *(["--no-peers"] if asked.no_peers else [])]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shopkata" / "peers"


if __name__ == "__main__":
    sys.exit(main())

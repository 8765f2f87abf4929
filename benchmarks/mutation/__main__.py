"""`python -m benchmarks.mutation`: try small wrong changes to the grader on its own tests."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import processes
from benchmarks.mutation import page
from benchmarks.mutation.chosen import modules
from benchmarks.mutation.run import Fate, Trees, Tried, tried

FINE, SURVIVORS, PROBLEM, STOPPED = 0, 1, 2, 130


def main() -> int:
    """Try what was asked for, and write what was found."""
    asked = _asked()
    chosen = [module for module in modules() if not asked.module or any(each in module for each in asked.module)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes.adopt_orphans()
    found: list[Tried] = []
    try:
        with tempfile.TemporaryDirectory(prefix="kata-mutation-") as place, ThreadPoolExecutor(asked.jobs) as pool:
            trees = Trees(Path(place), asked.jobs)
            for module in chosen:
                found.append(tried(module, trees, pool, asked.most, asked.seed))
                print(_told(found[-1]), flush=True)
    except KeyboardInterrupt:
        print(f"stopped after {len(found)} of {len(chosen)} modules")
        _written(found, asked)
        return STOPPED
    finally:
        processes.end_all()
    return _written(found, asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("--module", nargs="+", metavar="PART", help="those with this in their path: protocol/ scoring")
    parser.add_argument("--most", type=int, default=15, help="mutants of a module (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="at once (%(default)s)")
    parser.add_argument("--write", action="store_true", help="keep what was found, and write docs/mutation.md")
    return parser.parse_args()


def _told(module: Tried) -> str:
    if module.complaint:
        return f"{module.module}: {module.complaint}"
    facts, reasons = page.facts_of(module), page.read()[1].get(module.module, {})
    fates, left = page.counted(facts, reasons, module.module), page.survivors(facts, reasons)
    words = ", ".join(f"{fates[each]} {each}" for each in (Fate.KILLED, Fate.TIMED_OUT, "explained", Fate.SURVIVED))
    heading = f"{module.module}: {words}; {len(module.fates)} of {module.of}, {module.seconds:.0f} s"
    return "\n".join([heading, *(f"  {name}" for name in left)])


def _written(found: Iterable[Tried], asked: argparse.Namespace) -> int:
    """Keep what was found, if that is wished; the exit code."""
    before, explained = page.read()
    results = page.merged(before, [each for each in found if not each.complaint], asked.seed, asked.most)
    if asked.write:
        page.write(results, explained)
    if any(each.complaint for each in found):
        return PROBLEM
    left = [page.survivors(page.facts_of(each), explained.get(each.module, {})) for each in found]
    return SURVIVORS if any(left) else FINE


if __name__ == "__main__":
    sys.exit(main())

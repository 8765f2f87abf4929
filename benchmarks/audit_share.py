"""Audit what changed, and one share of the rest: `python -m benchmarks.audit_share`. For every push.

`kata audit` of every kata takes about an hour of CPU, most of it for five katas. So a push audits

- each kata whose own files differ from those that were audited last (`audited.json`, kept by `--record`);
- one share of all katas. Shares cost about the same; each day has the next one, so that a change of the grader meets
  every kata within so many days.

`kata audit` itself is as it was; before a release, `--all` audits everything. What a push doesn't prove is that a
change of the grader leaves each mistake of each kata killed by its own check; that every reference passes, it does
prove, since `kata grade solutions` is run beside.
"""

import argparse
import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.audit import command, trials
from grader.banks import shipped
from grader.content import catalog
from grader.model import Kata
from grader.reports import consoles
from grader.sandbox.backends import registry

RECORD = Path(__file__).with_name("audited.json")
SHARES = 5
_START = 1.0
"""CPU seconds that a trial costs besides the reference's own."""


def main() -> int:
    """Audit what is due; the exit code is 1 if something is not as it must be."""
    asked = _asked()
    katas, record = catalog.katas(), read(RECORD)
    due = katas if asked.all else chosen(katas, record, asked.share)
    altered = changed(katas, record)
    print(f"audited today: {len(due)} of {len(katas)} katas, {len(altered)} of them because they changed")
    good = command.checks(due, registry.resolve("auto"), consoles.out(sys.stdout), consoles.err(), mutants=False)
    if good and asked.record:
        kept = {**record, **{kata.id: hash_of(kata) for kata in due}}
        names = [kata.id for kata in katas if kata.id in kept]
        RECORD.write_text(json.dumps({name: kept[name] for name in names}, indent=1) + "\n", encoding="utf-8")
    return 0 if good else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit_share", description=__doc__)
    parser.add_argument(
        "--share", type=int, default=dt.datetime.now(dt.UTC).toordinal() % SHARES, help="today's: %(default)s"
    )
    parser.add_argument("--all", action="store_true", help="every kata")
    parser.add_argument("--record", action="store_true", help="keep what was audited, if all is well")
    return parser.parse_args()


def chosen(katas: Sequence[Kata], record: Mapping[str, str], share: int) -> list[Kata]:
    """What a push audits, in the order of the catalogue."""
    due = {*changed(katas, record), *(kata.id for kata in shares(katas)[share])}
    return [kata for kata in katas if kata.id in due]


def changed(katas: Iterable[Kata], record: Mapping[str, str]) -> set[str]:
    """Katas that aren't what was audited last."""
    return {kata.id for kata in katas if record.get(kata.id) != hash_of(kata)}


def shares(katas: Iterable[Kata], number: int = SHARES) -> list[list[Kata]]:
    """All katas in parts that cost about the same: the dearest first, each to the part that costs least so far."""
    parts: list[list[Kata]] = [[] for _ in range(number)]
    costs = [0.0] * number
    dear = sorted(((cost(kata), kata) for kata in katas), key=lambda each: (-each[0], each[1].id))
    for seconds, kata in dear:
        least = costs.index(min(costs))
        parts[least].append(kata)
        costs[least] += seconds
    return parts


def cost(kata: Kata) -> float:
    """CPU seconds of an audit, about: each trial takes what the reference takes."""
    bank = shipped.read(kata)
    return len(trials.of(kata, "bare", mutants=False)) * (_START + (bank.total if bank else 0.0))


def hash_of(kata: Kata) -> str:
    """Of every file that is this kata's, and of what checks share."""
    digest = hashlib.sha256()
    for file in files(kata):
        digest.update(f"{file.name} {file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def files(kata: Kata) -> list[Path]:
    """Every file that is this kata's: its stub, statement, reference, checks, and whatever fixtures there are of it."""
    root = Path(kata.root)
    named = f"{kata.track}/{kata.name}"
    own = [*root.glob(f"exercises/{named}.*"), *root.glob(f"solutions/{named}.*"), kata.checks]
    own += [*root.glob(f"fixtures/*/{named}.*"), *root.glob(f"fixtures/*/{named}/**/*.*")]
    shared = [path for path in kata.checks.parents[1].rglob("*.py") if not path.name.startswith("test_")]
    return sorted(path for path in {*own, *shared} if path.is_file() and "__pycache__" not in path.parts)


def read(record: Path) -> dict[str, str]:
    """What was audited last. Without a record nothing was, and everything is due."""
    found: dict[str, str] = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    return found


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.fuzz`: tries to make the judge die of an answer. A child's death is the finding.

Needs nothing installed, but with atheris it is guided by coverage; without it, it changes inputs by chance.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.fuzz import campaign, gather

CORPUS = Path(__file__).parents[2] / "fixtures" / "fuzz"
CLEAN, FOUND = 0, 1


def main(words: list[str] | None = None) -> int:
    """Do what was asked for, and count."""
    asked = _asked(words)
    replayed = campaign.replay(sorted(asked.corpus.glob("*.frame")), asked.target)
    findings, outcomes = list(replayed.findings), [replayed]
    if asked.seconds:
        with tempfile.TemporaryDirectory(prefix="kata-fuzz-") as place:
            working = Path(place) / "corpus"
            working.mkdir()
            outcomes.append(campaign.fuzz(asked.seconds, asked.corpus, working, asked.seed, asked.target))
            findings += outcomes[-1].findings
            if asked.gather:
                print(f"gathered: {gather.into(asked.corpus, sorted(working.iterdir()))} frames")
    for outcome in outcomes:
        many = len(outcome.findings)
        print(f"{outcome.engine}: {outcome.tried:,} executions, {many} findings, {outcome.seconds:.0f} s")
    for finding in findings:
        asked.findings.mkdir(parents=True, exist_ok=True)
        (asked.findings / finding.name).write_bytes(finding.data)
        print(f"\n{asked.findings / finding.name}: {finding.cause}\n{finding.told}")
    return FOUND if findings else CLEAN


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long; 0 only tries what is kept (%(default)g)")
    parser.add_argument("--seed", type=int, default=1, help="of what is changed by chance (%(default)s)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the frames to begin with (fixtures/fuzz)")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"), help="where they go (%(default)s)")
    parser.add_argument("--gather", action="store_true", help="keep new frames that reach further in the corpus")
    parser.add_argument("--target", default=campaign.TARGET, help="what is tried, module:function (%(default)s)")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())

"""What was found, as JSON and as docs/mutation.md."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutation.chosen import ROOT
from benchmarks.mutation.run import Fate, Tried

RESULTS = Path(__file__).with_name("results.json")
EXPLAINED = Path(__file__).with_name("explained.yaml")
PAGE = ROOT / "docs" / "mutation.md"
HEAD = """# How good the grader's own tests are

Written by `python -m benchmarks.mutation`.

A mutant is one small wrong change to a module of the grader: an operator, a comparison, a number, a condition, words, a
statement left out. Of each module a sample was drawn (seed {seed}, at most {most} mutants), and the tests that the
table in `benchmarks/mutation/chosen.py` names for the module were run on each. Hostile tests are not among them.

- **mutants**: those tried, of all there are;
- **killed**: a test failed; **timed out**: the tests took more than three times as long;
- **explained**: no test failed, and none can or has to: the reasons are below;
- **survived**: no test failed, and nobody has explained why;
- **score**: killed and timed out, of those that aren't explained.

| module | mutants | killed | timed out | explained | survived | score |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""
Results = dict[str, Any]


def merged(before: Results, found: Iterable[Tried], seed: int, most: int) -> Results:
    """The results with those of some modules replaced; without those of other samples, and of modules that are gone."""
    told = {each.module: facts_of(each) for each in found}
    same = (before.get("seed"), before.get("most")) == (seed, most)
    kept = {name: facts for name, facts in before["modules"].items() if (ROOT / name).exists()} if same else {}
    return {"seed": seed, "most": most, "modules": dict(sorted({**kept, **told}.items()))}


def facts_of(tried: Tried) -> dict[str, Any]:
    """What is kept of a module."""
    fates = Counter(map(str, tried.fates.values()))
    survived = [name for name, fate in tried.fates.items() if fate == Fate.SURVIVED]
    return {"of": tried.of, **{str(fate): fates[fate] for fate in (Fate.KILLED, Fate.TIMED_OUT)}, "survived": survived}


def text(results: Results, explained: Mapping[str, Mapping[str, str]]) -> str:
    """The page. Raises ValueError for an explanation of a mutant that does not survive."""
    rows, total = [], Counter[str]()
    for module, facts in results["modules"].items():
        counts = counted(facts, explained.get(module, {}), module)
        total += counts
        rows.append(_row(f"`{module.removeprefix('grader/')}`", counts))
    head = HEAD.format(seed=results["seed"], most=results["most"])
    return (
        head + "\n".join([*rows, _row("**all**", total), "", *_reasons(explained), *_left(results, explained)]) + "\n"
    )


def counted(facts: Mapping[str, Any], reasons: Mapping[str, str], module: str = "") -> Counter[str]:
    """How many mutants met which fate. Raises ValueError for an explanation of a mutant that did not survive."""
    if needless := [name for name in reasons if name not in facts["survived"]]:
        raise ValueError(f"{module}: what does not survive needs no explanation: {needless[0]}")
    left = survivors(facts, reasons)
    return Counter(
        {
            **{each: facts[each] for each in ("of", Fate.KILLED, Fate.TIMED_OUT)},
            "explained": len(facts["survived"]) - len(left),
            Fate.SURVIVED: len(left),
        }
    )


def survivors(facts: Mapping[str, Any], reasons: Mapping[str, str]) -> list[str]:
    """Mutants that no test noticed, and that nobody has explained."""
    return [name for name in facts["survived"] if name not in reasons]


def read() -> tuple[Results, dict[str, dict[str, str]]]:
    """What was found before, and the explanations."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return results, yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}


def write(results: Results, explained: Mapping[str, Mapping[str, str]]) -> None:
    """Both files."""
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(text(results, explained), encoding="utf-8")


def _row(name: str, counts: Counter[str]) -> str:
    fates = [counts[each] for each in (Fate.KILLED, Fate.TIMED_OUT, "explained", Fate.SURVIVED)]
    dead, tried = fates[0] + fates[1], sum(fates)
    score = f"{dead / (tried - fates[2]):.0%}" if tried > fates[2] else ""
    return f"| {name} | {tried} of {counts['of']} | {' | '.join(map(str, fates))} | {score} |"


def _reasons(explained: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "## Explained"
    for module, reasons in explained.items():
        yield from ("", f"`{module.removeprefix('grader/')}`", "")
        yield from (f"- `{name}`: {' '.join(why.split())}" for name, why in reasons.items())


def _left(results: Results, explained: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield from ("", "## Survived")
    for module, facts in results["modules"].items():
        if left := survivors(facts, explained.get(module, {})):
            yield from ("", f"`{module.removeprefix('grader/')}`", "", *(f"- `{name}`" for name in left))

"""The words of the project as frozen values; they flow one way: Submission -> Check -> Verdict -> Score -> Report."""

from enum import StrEnum
from pathlib import Path

import msgspec


class GraderError(Exception):
    """The grader's own fault: a submission that meets it has the status error and no score, never a zero."""


class UsageError(Exception):
    """What was asked can't be done; the message says what to do instead."""


class Level(StrEnum):
    """How hard a kata is."""

    WARM_UP = "warm-up"
    CORE = "core"
    STRETCH = "stretch"


class Group(StrEnum):
    """What a check is about, in the order in which checks run."""

    INTERFACE = "interface"
    EXAMPLES = "examples"
    EDGES = "edges"
    PROPERTIES = "properties"
    ORACLE = "oracle"
    DATA = "data"
    SPEED = "speed"


POINTS = {
    Group.INTERFACE: 1,
    Group.EXAMPLES: 5,
    Group.EDGES: 3,
    Group.PROPERTIES: 5,
    Group.ORACLE: 5,
    Group.DATA: 2,
    Group.SPEED: 2,
}


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"  # the check said no
    RAISED = "raised"  # the learner's code raised where it should not
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"  # the worker died, ran out of memory, or spoke nonsense
    NOT_RUN = "not_run"


class Status(StrEnum):
    """How a kata, or a whole submission, ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # the grader's own fault
    UNREADABLE = "unreadable"  # a submission that can't be read: nothing was judged


class Isolation(StrEnum):
    """How a worker is confined."""

    AUTO = "auto"
    SANDLOCK = "sandlock"
    DEGRADED = "sandlock-degraded"
    BARE = "bare"


class Examples(StrEnum):
    """What properties are run on."""

    BANK = "bank"  # the kata's bank, and what was drawn for the seed before
    ANEW = "anew"  # the kata's bank, and what is drawn for the seed now
    SHIPPED = "shipped"  # the kata's bank alone
    HYPOTHESIS = "hypothesis"  # what hypothesis makes of it


class Limits(msgspec.Struct, frozen=True):
    """What the learner's code may cost. CPU seconds are read from the kernel, never from the worker."""

    call_seconds: float = 5.0
    """CPU seconds of one call, unless the check's mark says otherwise."""
    submission_seconds: float = 60.0
    """CPU seconds of everything that one submission does for one kata, its sandbox included."""
    patience: float = 1.5
    """Wall-clock seconds of waiting allowed for each CPU second: sleeping isn't computing."""
    judge_seconds: float = 10.0
    """CPU seconds of the judge for one check: an answer may be made so that hashing, sorting or printing it is dear."""
    scale: float = 1.0
    """What the seconds that a check's own mark allows to a call are multiplied by."""


class Check(msgspec.Struct, frozen=True):
    """One hidden check, as collected before any learner's code runs."""

    name: str
    says: str
    """The sentence that the learner reads."""
    group: Group
    points: int
    spec: tuple[str, ...] = ()
    """Rules of the statement that it holds."""
    hint: int | None = None
    """The level of the hint that fits, 1 to 3."""


class Verdict(msgspec.Struct, frozen=True):
    """One check's result. All but `trace`, which is for staff, may be shown to the learner."""

    check: str
    outcome: Outcome
    call: str = ""
    """What was asked: the calls of the smallest failing example, one a line."""
    returned: str = ""
    expected: str = ""
    note: str = ""
    """What else there is to say: the rule that is broken, the exception, the limit passed."""
    seconds: float = 0.0
    trace: str = ""

    @property
    def reason(self) -> str:
        """Why it did not pass, as plain text."""
        parts = (
            self.call,
            self.returned and f"returned: {self.returned}",
            self.expected and f"expected: {self.expected}",
        )
        return "\n".join(part for part in (*parts, self.note) if part)


class Score(msgspec.Struct, frozen=True):
    """Points earned, out of what the collected plan makes possible."""

    earned: int
    possible: int


class Source(msgspec.Struct, frozen=True):
    """One file of a submission, meant for one kata."""

    kata: str
    code: bytes
    name: str
    """What the learner called it."""


class Submission(msgspec.Struct, frozen=True):
    """Everything that one person handed in."""

    name: str
    sha256: str
    sources: tuple[Source, ...]
    path: str = ""
    """As it was given: no two submissions of a run have the same."""
    missing: tuple[str, ...] = ()
    """Katas that were asked for by name and aren't there."""
    ignored: tuple[str, ...] = ()
    """Names of files that look as if they were meant to be graded, and aren't."""


class Unread(msgspec.Struct, frozen=True):
    """A submission of which there is nothing to judge."""

    path: str
    name: str
    reason: str
    """A sentence that names it and says what to do."""
    fault: str = ""
    """What went wrong in the grader, if it was that."""


class Kata(msgspec.Struct, frozen=True):
    """One kata of the catalogue; its facts come from the statement's front matter."""

    track: str
    name: str
    title: str
    questions: tuple[str, ...]
    level: str
    minutes: int
    imports: tuple[str, ...]
    after: tuple[str, ...]
    sources: tuple[str, ...]
    root: str
    """Where exercises, solutions and fixtures are."""
    checks_root: str

    @property
    def id(self) -> str:
        """`track/name`."""
        return f"{self.track}/{self.name}"

    @property
    def stub(self) -> Path:
        """What a learner edits."""
        return Path(self.root, "exercises", self.track, f"{self.name}.py")

    @property
    def statement(self) -> Path:
        """The task, with the facts of the kata as front matter."""
        return self.stub.with_suffix(".md")

    @property
    def reference(self) -> Path:
        """The clearest good solution."""
        return Path(self.root, "solutions", self.track, f"{self.name}.py")

    @property
    def explanation(self) -> Path:
        """Why the reference is as it is, with hints and oral questions as front matter."""
        return self.reference.with_suffix(".md")

    @property
    def checks(self) -> Path:
        """The hidden checks."""
        return Path(self.checks_root, self.track, f"test_{self.name}.py")

    @property
    def mistakes(self) -> tuple[Path, ...]:
        """Plausible wrong solutions."""
        return tuple(sorted(Path(self.root, "fixtures", "mistakes", self.track, self.name).glob("*.py")))

    @property
    def alternatives(self) -> tuple[Path, ...]:
        """Correct solutions in another style."""
        return tuple(sorted(Path(self.root, "fixtures", "alternatives", self.track, self.name).glob("*.py")))


class KataReport(msgspec.Struct, frozen=True):
    """One submission's result on one kata."""

    kata: str
    status: Status
    checks: tuple[Check, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """CPU of the learner's worker and its sandbox."""
    dearest_call: float = 0.0
    """CPU seconds of the call that took most."""
    limits: Limits = Limits()
    """What it was held to."""
    fault: str = ""
    """What went wrong in the grader, where the status is error."""


class Versions(msgspec.Struct, frozen=True):
    """What graded."""

    platform: str
    packages: dict[str, str] = {}
    """The grader, Python, and the libraries that a grade may depend on."""


class Report(msgspec.Struct, frozen=True):
    """One submission's result."""

    submission: str
    """Its path as it was given: no two reports of a run have the same."""
    sha256: str
    """Empty where nothing could be read."""
    status: Status
    isolation: Isolation
    seed: int
    started: str
    """ISO 8601, UTC."""
    seconds: float
    katas: tuple[KataReport, ...]
    name: str = ""
    """For people: whose it is, as far as the path tells."""
    reason: str = ""
    """Why nothing was judged, where the status is unreadable."""
    fault: str = ""
    """What went wrong in the grader before anything could be judged."""
    missing: tuple[str, ...] = ()
    """Katas that were asked for by name and weren't handed in: they are among `katas`, with 0 points."""
    ignored: tuple[str, ...] = ()
    """Files that look as if they were meant to be graded, and weren't."""
    certified: bool = False
    limit_scale: float = 1.0
    versions: Versions = Versions("")
    hashes: dict[str, str] = {}
    """Of each kata: what its grade rests on, by SHA-256."""


class Planned(msgspec.Struct, frozen=True, tag=True):
    """The checks of a kata, collected before any learner's code runs."""

    kata: str
    checks: tuple[Check, ...]
    drawn: dict[str, int] = {}
    """How many examples were drawn for each property, by pytest's name of it, for audits."""
    unbanked: dict[str, str] = {}
    """Properties that can't be replayed, and why, for audits."""


class Running(msgspec.Struct, frozen=True, tag=True):
    """A check has begun."""

    kata: str
    check: str


class Judged(msgspec.Struct, frozen=True, tag=True):
    """A check has ended."""

    kata: str
    verdict: Verdict
    refuted_by: tuple[str, bytes] | None = None
    """The property's name for pytest and its encoded example, for audits."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """A submission's kata has ended."""

    kata: str
    report: KataReport


Event = Planned | Running | Judged | Done


class Job(msgspec.Struct, frozen=True):
    """What a judge is asked to do: one submission, one kata."""

    kata: Kata
    code: bytes
    isolation: Isolation
    seed: int = 0
    limits: Limits | None = None
    """None: what the kata's reference takes, many times over."""
    limit_scale: float = 1.0
    """For a slow machine: what the limits that follow from the reference are multiplied by."""
    reference: bytes | None = None
    """For a shipped mistake, which may import the rest from the reference. Never for a submission."""
    hash_seed: int = 0
    until_failure: bool = False
    """Stop at the first check that does not pass: enough to know that a mutant is killed."""
    examples: Examples = Examples.BANK
    shrink: bool = False
    """Let hypothesis look for a smaller example than the one drawn that fails: for somebody who practises."""
    only_properties: bool = False
    """Run nothing else, and tell what refuted them."""
    watched: bool = True
    """Whether anybody wants to hear of each check as it begins and ends."""
    second_look: bool = False
    """Run a sample only: every example and oracle, and ten checks at the least. For another judge to confirm a pass."""

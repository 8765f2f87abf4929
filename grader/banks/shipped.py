"""Counterexamples that ship with a kata: what refuted each of its wrong solutions and mutants, found by the audit."""

import hashlib
from pathlib import Path

import msgspec

from grader.banks import sources
from grader.model import GraderError, Kata, Limits

_CALL_FLOOR, _CALL_TIMES = 1.0, 20
_TOTAL_FLOOR, _TOTAL_TIMES = 5.0, 30
FORMAT = 1
"""Raised when examples are encoded, drawn or chosen otherwise, and when mutants are made otherwise."""


class Shipped(msgspec.Struct, frozen=True):
    """One kata's bank, as in its file."""

    checks: str
    """Hash of the checks that the examples are for."""
    made_from: str
    """Hash of everything that the examples were found with."""
    versions: dict[str, str]
    """Libraries that they were found with; another version of one does not make them stale."""
    examples: dict[str, list[bytes]]
    """For every property, by pytest's name of it, what refuted something, simplest first."""
    drawn: dict[str, int]
    """How many examples hypothesis draws for each."""
    codec: str = ""
    """Fingerprint of how the examples are written as bytes."""
    dearest_call: float = 0.0
    """CPU seconds of the reference's dearest call."""
    total: float = 0.0
    """CPU seconds of all that the reference does."""


def path(kata: Kata) -> Path:
    """Where a kata's bank is."""
    return Path(kata.root, "fixtures", "banks", kata.track, f"{kata.name}.bank")


def hash_of_checks(kata: Kata) -> str:
    """What the examples have to fit: the check, and the strategies and definitions that it shares with others."""
    check, *shared = sources.of_checks(kata)
    digest = hashlib.sha256(check.read_bytes())
    _add(digest, shared)
    return digest.hexdigest()


def hash_of_origin(kata: Kata) -> str:
    """Everything that counterexamples are found with."""
    digest = hashlib.sha256(f"{FORMAT}".encode())
    check, *shared = sources.of_checks(kata)
    _add(digest, [check, kata.reference, *kata.mistakes, *shared])
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", files: list[Path]) -> None:
    for file in files:
        digest.update(f"\0{file.name}\0".encode())
        digest.update(file.read_bytes())


def read(kata: Kata) -> Shipped | None:
    """A kata's bank; None if it has none. Raises GraderError for a damaged one."""
    try:
        data = path(kata).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.msgpack.decode(data, type=Shipped)
    except msgspec.DecodeError as error:
        raise GraderError(f"the bank of {kata.id} is damaged ({error}); `kata audit --banks {kata.id}`") from None


def is_of(kata: Kata, bank: Shipped) -> bool:
    """Whether a bank was made from the kata as it is, and is written as this codec reads; else it is stale."""
    return bank.made_from == hash_of_origin(kata) and _is_written_so(bank)


def fitting(kata: Kata) -> Shipped | None:
    """A kata's bank, if it was made for the checks as they are and is written as this codec reads."""
    bank = read(kata)
    return bank if bank and bank.checks == hash_of_checks(kata) and _is_written_so(bank) else None


def _is_written_so(bank: Shipped) -> bool:
    from grader.banks import codec  # noqa: PLC0415  numpy, which the command does without

    return bank.codec == codec.fingerprint()


def write(kata: Kata, bank: Shipped) -> None:
    """Keep a kata's bank."""
    file = path(kata)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.msgpack.encode(bank, order="deterministic"))


def limits(kata: Kata, scale: float = 1.0) -> Limits:
    """What a submission may take: many times what the reference does, as the audit measured it."""
    try:
        bank = read(kata)
    except GraderError:  # whoever needs its examples will tell
        bank = None
    most = Limits()
    call, total = most.call_seconds, most.submission_seconds
    if bank is not None and bank.total:
        call = max(_CALL_FLOOR, _CALL_TIMES * bank.dearest_call)
        total = max(_TOTAL_FLOOR, _TOTAL_TIMES * bank.total)
    return Limits(call * scale, total * scale, most.patience, most.judge_seconds * scale, scale)

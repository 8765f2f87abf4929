"""The ways to confine a slot. To add one, write a module with a `Backend` and add it to `BACKENDS`."""

from pathlib import Path

from grader.model import GraderError
from grader.sandbox.backends.backend import Backend
from grader.sandbox.backends.bare import BARE
from grader.sandbox.backends.sandlock import DEGRADED, SANDLOCK

AUTO = "auto"
BACKENDS: tuple[Backend, ...] = (
    SANDLOCK,
    DEGRADED,
    BARE,
)
"""In the order in which `auto` tries them."""

_ADVICE = f"; `--isolation {BARE.name}` grades without a sandbox: only for code that you trust"
_NO_RANDOMIZE = 0x0040000


def backend(name: str) -> Backend:
    """The backend of this name. Raises KeyError if there is none."""
    return {each.name: each for each in BACKENDS}[name]


def choices() -> list[str]:
    """What a user may ask for."""
    return [AUTO, *(each.name for each in BACKENDS if each.selectable)]


def unconfined() -> list[str]:
    """Those of the choices that don't confine anything."""
    return [each.name for each in BACKENDS if each.selectable and not each.confines]


def resolve(wanted: str) -> str:
    """The name of the backend that is meant here. Raises GraderError where it can't be had."""
    if wanted != AUTO:
        if why := backend(wanted).unavailable():
            raise GraderError(f"{why}{_ADVICE}")
        return wanted
    why = ""
    for each in BACKENDS:
        if each.automatic and not (why := each.unavailable()):
            return each.name
    raise GraderError(f"{why}{_ADVICE}")


def refuse_uncertifiable(name: str) -> None:
    """Raise GraderError where a certified grade can't be had: no full sandbox, or the same addresses each time."""
    if not backend(name).certifiable:
        raise GraderError(f"a certified grade needs the full sandbox; this would be graded in {name}")
    if not _addresses_differ():
        raise GraderError("a certified grade needs address space layout randomisation; this system has it switched off")


def _addresses_differ() -> bool:
    """Whether each new program has its libraries at other addresses."""
    try:
        switched_off = Path("/proc/sys/kernel/randomize_va_space").read_text(encoding="ascii").strip() == "0"
        personality = int(Path("/proc/self/personality").read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        return False
    return not (switched_off or personality & _NO_RANDOMIZE)

"""Where reports go: to standard output, or to a file that is never the worse for a run that fails.

Reports for FILE are written to `FILE.part` beside it, each flushed as it comes, so that neither Ctrl-C nor a kill loses
one. At the end `FILE.part` takes the place of FILE. What FILE was before is kept as `FILE~`, unless all of it is in the
new one too.
"""

import errno
import fcntl
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from grader.model import GraderError, UsageError
from grader.reports.streams import Stream, unwritten
from grader.text import quoted

PART, BEFORE = ".part", "~"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class PartFile:
    """`FILE.part`, locked for this run alone."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + PART)
        self._file = _locked(self.path, target)
        self._there = True

    def write(self, text: str) -> None:
        """Append a text whole, or not at all."""
        whole = os.fstat(self._file).st_size
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, whole)
            kept = f"what is done stands in {self.path}" if whole else "nothing is lost that was there before"
            raise GraderError(f"{unwritten(str(self.target), error)}; {kept}") from None

    def lines(self) -> list[bytes]:
        """What is there already; half a last line, from a run that was killed, is dropped for good."""
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(whole))
        return whole.splitlines()

    def refill(self, lines: Iterable[bytes]) -> None:
        """Have these lines and no others, with no moment in which there are fewer."""
        new = self.path.with_name(self.path.name + BEFORE)
        try:
            new.unlink(missing_ok=True)
            file = _locked(new, self.target)
            try:
                with open(file, "wb", closefd=False) as out:
                    out.writelines(line + b"\n" for line in lines)
                new.replace(self.path)
            except BaseException:
                os.close(file)
                new.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise GraderError(unwritten(str(self.target), error)) from None
        os.close(self._file)
        self._file = file

    def finish(self) -> None:
        """Put it in FILE's place; where nothing was written, leave FILE as it is."""
        if not self._there or os.fstat(self._file).st_size == 0:
            return
        try:
            if self.target.exists():
                os.fchmod(self._file, self.target.stat().st_mode & 0o777)
                if self._lacks_lines_of_file():
                    _keep(self.target)
            os.fsync(self._file)
            self.path.replace(self.target)
            self._there = False
        except OSError as error:
            raise GraderError(f"{unwritten(str(self.target), error)}; the reports stand in {self.path}") from None

    def _lacks_lines_of_file(self) -> bool:
        return not set(self.target.read_bytes().splitlines()) <= set(self.path.read_bytes().splitlines())

    def discard(self) -> None:
        """Leave FILE as it is."""
        if self._there:
            self._there = False
            with suppress(OSError):
                self.path.unlink()

    def close(self) -> None:
        """Let others have it; what is in it stays."""
        if os.fstat(self._file).st_size == 0:
            self.discard()
        os.close(self._file)


def opened(output: Path, paths: Sequence[Path]) -> Stream | PartFile:
    """The file to write to, FILE itself untouched. Raises UsageError where it can't be written or mustn't."""
    try:
        target = output.resolve()
        _refuse_submissions(output, target, paths)
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UsageError(f"can't write to {output}: it is a folder; name a file")
            return Stream(target.open("w", encoding="utf-8"), str(output))  # a device or a pipe: nothing to keep
        return PartFile(target)
    except (OSError, ValueError, RuntimeError) as error:
        kind = GraderError if getattr(error, "errno", 0) in _FULL else UsageError
        raise kind(unwritten(str(output), error)) from None


def _refuse_submissions(output: Path, target: Path, paths: Sequence[Path]) -> None:
    """Whoever writes `--output reports.jsonl *` a second time means no harm to the first reports."""
    ours = {target, target.with_name(target.name + PART), target.with_name(target.name + BEFORE)}
    for path in paths:
        real, same = _place_of(path, target)
        if same or real in ours:
            raise UsageError(f"--output {output} is also one of the PATHs, {quoted(str(path))}; write to another file")
        if real in target.parents:
            raise UsageError(f"--output {output} lies inside {quoted(str(path))}, a submission; write elsewhere")


def _place_of(path: Path, target: Path) -> tuple[Path, bool]:
    """Where a submission really is, and whether it is FILE under another name. Odd ones are told of when it is read."""
    real, same = path.absolute(), False
    with suppress(OSError, ValueError, RuntimeError):  # a RuntimeError is a loop of links
        real = path.resolve()
        same = target.exists() and target.samefile(path)
    return real, same


def _locked(path: Path, target: Path) -> int:
    """Open a file for this run alone. The kernel takes the lock back, however the run ends."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The other run may have put it in FILE's place between our opening and our locking.
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(file)
            raise UsageError(f"another run is writing to {target.name}; wait for it, or name another file") from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _keep(target: Path) -> None:
    """A second name for FILE, under which it stays."""
    before = target.with_name(target.name + BEFORE)
    before.unlink(missing_ok=True)
    try:
        os.link(target, before)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        target.replace(before)  # a file system without second names

"""The file that `--output` names. A run that fails does no harm to what the file held before.

Reports for FILE are written to `FILE.part` beside it. Each is written at once, so that neither Ctrl-C nor a kill loses
one. At the end `FILE.part` is renamed to FILE. The old FILE is kept as `FILE~`, unless the new one has all its lines.
"""

import errno
import fcntl
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from grader.model import GraderError, UsageError
from grader.reports.streams import Stream, write_error
from grader.text import quoted

PART, BACKUP = ".part", "~"
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class PartFile:
    """`FILE.part`, locked against other runs."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + PART)
        self._file = _locked(self.path, target)
        self._exists = True

    def write(self, text: str) -> None:
        """Append a text. Raises GraderError, and leaves nothing of the text, if it can't be written whole."""
        size = os.fstat(self._file).st_size
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, size)
            kept = f"what is done stands in {self.path}" if size else "nothing is lost that was there before"
            raise GraderError(f"{write_error(str(self.target), error)}; {kept}") from None

    def lines(self) -> list[bytes]:
        """The lines that are there already. Half a last line, which a killed run left, is deleted."""
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(whole))
        return whole.splitlines()

    def replace_lines(self, lines: Iterable[bytes]) -> None:
        """Replace all lines by these, atomically: a kill leaves either the old lines or the new ones."""
        new = self.path.with_name(self.path.name + BACKUP)
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
            raise GraderError(write_error(str(self.target), error)) from None
        os.close(self._file)
        self._file = file

    def finish(self) -> None:
        """Rename `FILE.part` to FILE; if nothing was written, leave FILE as it is."""
        if not self._exists or os.fstat(self._file).st_size == 0:
            return
        try:
            if self.target.exists():
                os.fchmod(self._file, self.target.stat().st_mode & 0o777)
                if self._lacks_lines_of_file():
                    _back_up(self.target)
            os.fsync(self._file)
            self.path.replace(self.target)
            self._exists = False
        except OSError as error:
            raise GraderError(f"{write_error(str(self.target), error)}; the reports stand in {self.path}") from None

    def _lacks_lines_of_file(self) -> bool:
        return not set(self.target.read_bytes().splitlines()) <= set(self.path.read_bytes().splitlines())

    def discard(self) -> None:
        """Delete `FILE.part` and leave FILE as it is."""
        if self._exists:
            self._exists = False
            with suppress(OSError):
                self.path.unlink()

    def close(self) -> None:
        """Give up the lock. What `FILE.part` holds stays."""
        if os.fstat(self._file).st_size == 0:
            self.discard()
        os.close(self._file)


def opened(output: Path, paths: Sequence[Path]) -> Stream | PartFile:
    """Open the part file of `output`, or `output` itself if it is a device or a pipe.

    Raises UsageError if it can't be written or is one of the submissions at `paths`, GraderError if the disk is full.
    """
    try:
        target = output.resolve()
        _refuse_submissions(output, target, paths)
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UsageError(f"can't write to {output}: it is a folder; name a file")
            return Stream(target.open("w", encoding="utf-8"), str(output))  # a device holds nothing to keep
        return PartFile(target)
    except (OSError, ValueError, RuntimeError) as error:
        kind = GraderError if getattr(error, "errno", 0) in _DISK_ERRORS else UsageError
        raise kind(write_error(str(output), error)) from None


def _refuse_submissions(output: Path, target: Path, paths: Sequence[Path]) -> None:
    """Refuse to write over a submission. `--output reports.jsonl *`, run twice, names its own reports as one."""
    ours = {target, target.with_name(target.name + PART), target.with_name(target.name + BACKUP)}
    for path in paths:
        real, same = _place_of(path, target)
        if same or real in ours:
            raise UsageError(f"--output {output} is also one of the PATHs, {quoted(str(path))}; write to another file")
        if real in target.parents:
            raise UsageError(f"--output {output} lies inside {quoted(str(path))}, a submission; write elsewhere")


def _place_of(path: Path, target: Path) -> tuple[Path, bool]:
    """Where a submission really is, and whether it is FILE under another name.

    A path that can't be resolved is no error here: reading the submission will report it.
    """
    real, same = path.absolute(), False
    with suppress(OSError, ValueError, RuntimeError):  # a RuntimeError is a loop of links
        real = path.resolve()
        same = target.exists() and target.samefile(path)
    return real, same


def _locked(path: Path, target: Path) -> int:
    """Open a file and lock it against other runs. The kernel releases the lock, however the run ends."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The other run may have renamed it to FILE after we opened it and before we locked it.
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


def _back_up(target: Path) -> None:
    """Keep FILE under a second name."""
    before = target.with_name(target.name + BACKUP)
    before.unlink(missing_ok=True)
    try:
        os.link(target, before)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        target.replace(before)  # a file system without hard links

"""A page of memory that a child writes on and its parent reads when the child is dead."""

import mmap
import struct
from pathlib import Path

_HEAD = struct.Struct("<QI")
_ROOM = 1 << 20


class Slate:
    """How many inputs have been tried, and the one that is being tried."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_ROOM))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _ROOM)

    def begin(self, data: bytes) -> None:
        """Note an input before it is tried."""
        tried, _ = _HEAD.unpack_from(self._memory)
        kept = data[: _ROOM - _HEAD.size]
        self._memory[_HEAD.size : _HEAD.size + len(kept)] = kept
        _HEAD.pack_into(self._memory, 0, tried + 1, len(kept))

    def tried(self) -> int:
        """How many inputs have been begun."""
        return int(_HEAD.unpack_from(self._memory)[0])

    def last(self) -> bytes:
        """The input that was begun last."""
        _, length = _HEAD.unpack_from(self._memory)
        return self._memory[_HEAD.size : _HEAD.size + length]

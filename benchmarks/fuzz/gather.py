"""The kept corpus: the shortest frames that together reach every line of the decoder that any of them reaches."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.fuzz import target

_LONGEST = 1000
Lines = set[tuple[str, int, int]]


def into(corpus: Path, inputs: Sequence[Path]) -> int:
    """Add to the corpus the frames of these inputs that reach what its own don't; how many there were."""
    reached = Lines()
    for path in sorted(corpus.glob("*.frame")):
        reached |= lines_of(path.read_bytes())
    added = 0
    for sent in sorted({target.frame(path.read_bytes()) for path in inputs}, key=lambda sent: (len(sent), sent)):
        if len(sent) <= _LONGEST and (lines := lines_of(sent) - reached):
            reached |= lines
            (corpus / f"{hashlib.sha256(sent).hexdigest()[:16]}.frame").write_bytes(sent)
            added += 1
    return added


def lines_of(sent: bytes) -> Lines:
    """The steps from line to line in the grader while this frame is decoded and shown."""
    reached, before = Lines(), {}

    def look(frame: FrameType, event: str, _: Any) -> Any:
        if "grader" not in frame.f_code.co_filename:
            return None
        if event == "call":
            before[id(frame)] = 0  # the number may have been another's
        elif event == "line":
            reached.add((frame.f_code.co_filename, before.get(id(frame), 0), frame.f_lineno))
            before[id(frame)] = frame.f_lineno
        return look

    sys.settrace(look)
    try:
        target.show(sent)
    finally:
        sys.settrace(None)
    return reached

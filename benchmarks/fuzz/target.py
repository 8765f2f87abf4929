"""What is done with one input: made a frame, decoded, and used in every way."""

import zlib

from benchmarks.fuzz import consumers
from benchmarks.fuzz.choices import Choices
from benchmarks.fuzz.grammar import Grammar, frame_of
from grader.protocol import frames, wire


def frame(data: bytes) -> bytes:
    """The frame that an input stands for: its first byte says whether it is one or decides how one is made."""
    return frame_of(Grammar(Choices(data[1:])).frame()) if data[:1] != b"K" else data


def run(data: bytes) -> None:
    """Decode and use. Raises what must not be raised: anything but WireError from decoding, Garbled from splitting."""
    sent = frame(data)
    try:
        value, twin = decoded(sent), decoded(sent)
    except (wire.WireError, frames.Garbled):
        return
    consumers.use(value, twin, None if sent is data else zlib.crc32(data))


def decoded(sent: bytes) -> object:
    """The value in a frame, with the caps of answers."""
    header, buffers = frames.split(sent)
    return wire.Decoder(buffers).value(header)


def show(sent: bytes) -> None:
    """Decode a frame and show what is in it."""
    try:
        consumers.show_all(decoded(sent))
    except (wire.WireError, frames.Garbled):
        return

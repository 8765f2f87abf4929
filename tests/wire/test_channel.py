"""A channel gives whole frames, or says that the other side is gone or speaks something else."""

import random
import socket
import struct
import threading
from typing import Any

import numpy as np
import pytest

from grader.model import Reason
from grader.protocol import wire
from grader.protocol.channel import Pipe
from grader.protocol.frames import HEAD, MAGIC, Channel, Closed, Garbled


def received(sent: bytes, caps: wire.Caps = wire.CAPS) -> tuple[memoryview, list[Any]]:
    """What a channel makes of bytes and a hang-up."""
    ours, theirs = socket.socketpair()
    with ours:
        writer = threading.Thread(target=lambda: (theirs.sendall(sent), theirs.close()))
        writer.start()
        try:
            return Channel(ours, lambda: None).receive(caps.header, caps.buffers, caps.total)
        finally:
            ours.close()
            writer.join()


def head(count: int, length: int, magic: bytes = MAGIC) -> bytes:
    return HEAD.pack(magic, count, length)


@pytest.mark.parametrize(
    ("caps", "under", "over"),
    [
        (wire.Caps(header=10), head(0, 10) + bytes(10), head(0, 11)),
        (wire.Caps(buffers=2), head(2, 0) + bytes(16), head(3, 0)),
        (wire.Caps(total=4), head(1, 0) + struct.pack("<Q", 4) + bytes(4), head(1, 0) + struct.pack("<Q", 5)),
    ],
    ids=["header", "buffers", "total"],
)
def test_a_channel_holds_each_cap_before_it_takes_memory(caps: wire.Caps, under: bytes, over: bytes) -> None:
    received(under, caps)
    with pytest.raises(Garbled):
        received(over, caps)


@pytest.mark.parametrize(
    "sent", [b"", b"K", head(0, 5), head(0, 5) + b"1234", head(1, 0) + bytes(7), head(1, 0) + b"\x01" + bytes(7)]
)
def test_half_a_frame_is_an_end(sent: bytes) -> None:
    with pytest.raises(Closed):
        received(sent)


@pytest.mark.parametrize(
    "sent", [head(0, 1, b"tk"), head(0xFFFF, 0), head(0, 0xFFFFFFFF), head(1, 0) + b"\xff" * 8, b"GET / HTTP/1.1\r\n"]
)
def test_what_is_no_frame_is_garbled(sent: bytes) -> None:
    with pytest.raises(Garbled):
        received(sent)


def test_noise_on_a_channel_is_garbled_or_an_end() -> None:
    rng = random.Random(0)
    frame = b"".join(map(bytes, wire.Encoder().frame([1, np.arange(5.0)])))
    ends = set()
    for _ in range(1_000):
        try:
            received(changed(frame, rng) if rng.random() < 0.8 else rng.randbytes(rng.randrange(40)))
            ends.add("received")
        except (Garbled, Closed) as end:
            ends.add(type(end))
    assert ends == {"received", Garbled, Closed}


def changed(frame: bytes, rng: random.Random) -> bytes:
    """The frame with some bytes replaced, lost or put in."""
    at = rng.randrange(len(frame))
    return frame[:at] + rng.randbytes(rng.randrange(4)) + frame[at + rng.randrange(4) :]


def test_a_message_that_is_nested_without_end_is_no_message() -> None:
    end, other = socket.socketpair()
    pipe: Pipe[Reason, Reason] = Pipe(end, Reason)
    within = b"\x82\xa4code\xa1x\xa9arguments\x81\xa3why"
    body = within * 4_000 + b"\x81\xa4code\xa1x"
    other.sendall(struct.pack("<I", len(body)) + body)
    with end, other, pytest.raises(ValueError, match="not a message"):
        pipe.receive()

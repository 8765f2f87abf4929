"""A channel gives whole frames, or says that the other side is gone or speaks something else."""

import os
import random
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.model import Reason
from grader.protocol import wire
from grader.protocol.channel import Pipe
from grader.protocol.frames import HEAD, MAGIC, Channel, Closed, Garbled, split


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


def test_a_frame_that_came_whole_is_split_into_parts_that_are_its_own() -> None:
    data = b"".join(map(bytes, wire.Encoder().frame([np.arange(3.0), np.arange(2)])))
    header, buffers = split(data)
    ours, others = received(data)
    assert header == ours
    assert [buffer.tolist() for buffer in buffers] == [buffer.tolist() for buffer in others]
    buffers[0][:] = 1
    assert split(data)[1][0].tolist() == others[0].tolist()


def test_what_is_no_whole_frame_is_not_split() -> None:
    data = b"".join(map(bytes, wire.Encoder().frame([np.arange(3.0)])))
    for bad in (b"XX" + data[2:], data + b"\0", data[:-1], data[:3]):
        with pytest.raises(Garbled):
            split(bad)


def test_a_trickle_that_never_makes_us_wait_is_watched_too() -> None:
    looks = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, lambda: looks.append(1))
        channel._last -= 1.0  # seconds since the last look
        theirs.sendall(head(0, 1) + b"x")
        channel.receive(10, 10, 10)
    assert looks == [1]


@pytest.fixture
def pipes() -> Iterator[tuple[Pipe[Any, Any], socket.socket]]:
    """A pipe for integers, and the other end of its socket."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(5.0)
    with ours, theirs:
        yield Pipe(ours, int, largest=100), theirs


def test_messages_come_one_at_a_time_however_their_bytes_come(pipes) -> None:
    pipe, other = pipes
    sent = Pipe(other, int)
    for number in (1, 2, 3):
        sent.send(number)
    assert [pipe.receive(), pipe.receive(5.0), pipe.receive_with()[0]] == [1, 2, 3]
    assert pipe.socket.gettimeout() is None


def test_open_files_come_with_a_message(pipes) -> None:
    pipe, other = pipes
    reader, writer = os.pipe()
    Pipe(other, int).send(7, [writer])
    message, (copy,) = pipe.receive_with()
    os.write(copy, b"x")
    assert (message, os.read(reader, 1)) == (7, b"x")
    for descriptor in (reader, writer, copy):
        os.close(descriptor)


@pytest.mark.parametrize("receive", [Pipe.receive, Pipe.receive_with, lambda pipe: pipe.receive(5.0)])
@pytest.mark.parametrize("said", [b"", b"\x01"])
def test_the_other_end_is_gone_before_a_message_or_within_one(pipes, receive: Any, said: bytes) -> None:
    pipe, other = pipes
    other.sendall(said)
    other.close()
    with pytest.raises(EOFError, match="the other end is gone"):
        receive(pipe)


@pytest.mark.parametrize("body", [b"\xc1", b"\xa1x", b"\x91" * 5000, b"\x01" * 101])
def test_what_is_no_message_of_its_type_is_a_value_error(pipes, body: bytes) -> None:
    pipe, other = pipes
    other.sendall(len(body).to_bytes(4, "little") + body)
    with pytest.raises(ValueError, match="message"):
        pipe.receive()


def test_a_message_that_is_late_is_a_timeout(pipes) -> None:
    pipe, other = pipes
    other.sendall((1).to_bytes(4, "little"))
    with pytest.raises(TimeoutError):
        pipe.receive(0.01)
    assert pipe.socket.gettimeout() is None


def test_a_message_that_comes_in_time_is_waited_for(pipes) -> None:
    pipe, other = pipes
    later = threading.Timer(0.1, other.sendall, [(1).to_bytes(4, "little") + b"\x05"])
    later.start()
    assert pipe.receive(60.0) == 5
    later.join()


def test_a_message_in_pieces_takes_nothing_of_the_next(pipes) -> None:
    pipe, other = pipes
    data = (1).to_bytes(4, "little") + b"\x05"
    other.sendall(data[:2])
    later = threading.Timer(0.1, other.sendall, [data[2:] + data])
    later.start()
    assert [pipe.receive(), pipe.receive()] == [5, 5]
    later.join()


def test_frames_that_come_together_are_read_one_at_a_time() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, lambda: None)
        theirs.sendall(head(0, 1) + b"x" + head(0, 1) + b"y")
        assert bytes(channel.receive(10, 10, 10)[0]) == b"x"
        with pytest.raises(Garbled, match="said more than asked"):
            channel.expect_silence()
        assert bytes(channel.receive(10, 10, 10)[0]) == b"y"
        channel.expect_silence()

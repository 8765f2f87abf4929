"""A stream of frames over a socket, with deadlines. Knows sizes, not values."""

import os
import select
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.protocol.codes import Coded

HEAD = struct.Struct("<2sHI")
MAGIC = b"KT"
_BATCH = 64
_CHUNK = 1 << 16
_TICK = 20
"""Milliseconds between two looks at what the other side has used."""


class Closed(Exception):  # noqa: N818  an ending, not always an error
    """The other side is gone."""


class Garbled(Coded):
    """The other side sent what isn't a frame; the code is of `codes`."""


def split(data: bytes) -> tuple[memoryview, list[Any]]:
    """The header and the buffers, fresh and writable, of one whole frame. Raises Garbled if these bytes aren't one."""
    try:
        magic, count, length = HEAD.unpack_from(data)
        sizes = struct.unpack_from(f"<{count}Q", data, HEAD.size + length)
    except struct.error as error:
        raise Garbled("cut_short", error=str(error)) from None
    begin = HEAD.size + length + 8 * count
    if magic != MAGIC or begin + sum(sizes) != len(data):
        raise Garbled("not_a_frame")
    buffers = []
    for size in sizes:
        buffers.append(np.frombuffer(data, np.uint8, size, begin).copy())
        begin += size
    return memoryview(data)[HEAD.size : HEAD.size + length], buffers


class Channel:
    """One end of a private socket.

    `watch` is called while waiting, at least every 20 ms; it raises to end the wait.
    """

    def __init__(self, end: socket.socket, watch: Callable[[], None] | None = None) -> None:
        self._socket = end
        # read and write, which the sandbox lets pass; at a worker's sendmsg its supervisor looks, which costs 90 us
        self._fd = end.fileno()
        self._watch = watch
        self._last = time.monotonic()
        self._ahead = bytearray()
        """What has been read of the frames to come."""
        if watch is not None:
            end.setblocking(False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(end, select.POLLIN)
        self._writable.register(end, select.POLLOUT)

    def send(self, parts: list[Any]) -> None:
        """Send all parts of a frame."""
        views = [memoryview(part) for part in parts]
        while views:
            try:
                sent = os.writev(self._fd, views[:_BATCH])
            except BlockingIOError:
                self._wait(self._writable)
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            while views and sent >= views[0].nbytes:
                sent -= views.pop(0).nbytes
            if sent:
                views[0] = views[0][sent:]

    def receive(self, header_cap: int, buffers_cap: int, total_cap: int) -> tuple[memoryview, list[Any]]:
        """The header and the buffers of the next frame."""
        data, self._ahead = self._ahead, bytearray()
        self._at_least(data, HEAD.size)
        magic, count, length = HEAD.unpack_from(data)
        if magic != MAGIC or length > header_cap or count > buffers_cap:
            raise Garbled("head_of_no_frame", magic=repr(magic), bytes=length, buffers=count)
        end = HEAD.size + length
        self._at_least(data, end + 8 * count)
        sizes = struct.unpack_from(f"<{count}Q", data, end)
        if sum(sizes) > total_cap:
            raise Garbled("buffers_too_large", bytes=sum(sizes))
        body, begin = memoryview(data), end + 8 * count
        buffers = []
        for size in sizes:
            buffer, here = np.empty(size, np.uint8), min(size, len(data) - begin)
            buffer[:here] = body[begin : begin + here]
            if here < size:
                self._fill(buffer.data[here:])
            begin += here
            buffers.append(buffer)
        self._ahead += body[begin:]
        return body[HEAD.size : end], buffers

    def expect_silence(self) -> None:
        """Raise Garbled if the other side has sent what nobody asked for, Closed if it is gone."""
        if self._ahead:
            raise Garbled("said_more_than_asked")
        if not self._readable.poll(0):
            return
        try:
            if self._socket.recv(1, socket.MSG_PEEK):
                raise Garbled("spoke_unasked")
        except OSError as error:
            raise Closed(str(error)) from None
        raise Closed("the other side hung up")

    def close(self) -> None:
        """Hang up."""
        self._fd = -1  # the number may soon be another's
        self._socket.close()

    def _at_least(self, data: bytearray, size: int) -> bytearray:
        """Read until there is so much; a small frame comes whole, in one system call."""
        while len(data) < size:
            data += self._some(partial(os.read, self._fd, max(_CHUNK, size - len(data))))
        return data

    def _fill(self, view: memoryview) -> None:
        while view.nbytes:
            view = view[self._some(partial(os.readv, self._fd, [view])) :]

    def _some(self, read: Callable[[], Any]) -> Any:
        """What the next read that has anything gives."""
        while True:
            try:
                got = read()
            except BlockingIOError:
                self._wait(self._readable)
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            if not got:
                raise Closed("the other side hung up")
            # A trickle never blocks, so it has to be watched too.
            if self._watch is not None and time.monotonic() - self._last > _TICK / 1000:
                self._last = time.monotonic()
                self._watch()
            return got

    def _wait(self, poll: select.poll) -> None:
        while not poll.poll(_TICK):
            if self._watch is not None:
                self._watch()

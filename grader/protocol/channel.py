"""Messages between the grader's own processes: length, then MessagePack, decoded into one type and nothing else."""

import socket
import struct
import time
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

_LENGTH = struct.Struct("<I")
_LEAST = 0.001
"""Seconds; 0 would mean not to wait at all, and never to time out."""
Sent = TypeVar("Sent")
Received = TypeVar("Received")


class Pipe(Generic[Sent, Received]):
    """One end. Anything may be sent that msgspec encodes; what arrives is of the one type."""

    def __init__(self, end: socket.socket, received: Any, largest: int = 1 << 32) -> None:
        self.socket, self._largest = end, largest
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(received).decode

    def send(self, message: Sent, descriptors: Sequence[int] = ()) -> None:
        """Send one message, and with a small one open files."""
        body = self._encode(message)
        data = _LENGTH.pack(len(body)) + body
        if descriptors:
            socket.send_fds(self.socket, [data], descriptors)
        else:
            self.socket.sendall(data)

    def receive(self, within: float | None = None) -> Received:
        """The next message. Raises EOFError when the other end is gone, ValueError for what isn't a message.

        Raises TimeoutError where it isn't whole within so many seconds, however its bytes trickle.
        """
        if within is None:
            return self._received(b"")
        before = self.socket.gettimeout()
        try:
            return self._received(b"", time.monotonic() + within)
        finally:
            self.socket.settimeout(before)

    def receive_with(self) -> tuple[Received, list[int]]:
        """The next message and the open files that came with it, as for `receive`."""
        try:
            begun, descriptors, _, _ = socket.recv_fds(self.socket, _LENGTH.size, 1)
        except ConnectionError:
            begun, descriptors = b"", []
        if not begun:
            raise EOFError("the other end is gone")
        return self._received(begun), list(descriptors)

    def _received(self, begun: bytes, until: float | None = None) -> Received:
        (length,) = _LENGTH.unpack(begun + self._exactly(_LENGTH.size - len(begun), until))
        if length > self._largest:
            raise ValueError(f"a message of {length:,} bytes")
        try:
            message: Received = self._decode(self._exactly(length, until))
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(f"not a message: {error}") from None
        return message

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _exactly(self, size: int, until: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            if until is not None:
                self.socket.settimeout(max(until - time.monotonic(), _LEAST))
            try:
                part = self.socket.recv(size - len(parts))
            except ConnectionError:
                part = b""
            if not part:
                raise EOFError("the other end is gone")
            parts += part
        return bytes(parts)

"""Messages between the grader's own processes: length, then MessagePack. Both ends are trusted."""

import socket
import struct
from typing import Any, Generic, TypeVar

import msgspec

_LENGTH = struct.Struct("<I")
Sent = TypeVar("Sent")
Received = TypeVar("Received")


class Pipe(Generic[Sent, Received]):
    """One end. Anything may be sent that msgspec encodes; what arrives is of the one type."""

    def __init__(self, end: socket.socket, received: Any) -> None:
        self.socket = end
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(received).decode

    def send(self, message: Sent) -> None:
        """Send one message."""
        body = self._encode(message)
        self.socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> Received:
        """The next message. Raises EOFError when the other end is gone."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        message: Received = self._decode(self._exactly(length))
        return message

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self.socket.recv(size - len(parts))
            except ConnectionError:
                part = b""
            if not part:
                raise EOFError("the other end is gone")
            parts += part
        return bytes(parts)

"""WebSocket frames (RFC 6455) as a server reads and writes them; no extensions, because none is negotiated."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from websockets.speedups import apply_mask

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
KEY_BYTES: Final = 16
CONTROL_BYTES_MAX: Final = 125
REASON_BYTES_MAX: Final = CONTROL_BYTES_MAX - 2
SHORT, MEDIUM = 126, 127  # what stands for a length of two and of eight bytes
CODES_OF_PEERS: Final = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
PRIVATE_CODES: Final = range(3000, 5000)


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Violation(Exception):
    """The peer broke the protocol; the connection fails with this close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message, or a control frame."""

    opcode: Opcode
    content: bytes

    def text(self) -> str:
        """What it says.

        Raises:
            Violation: it is no UTF-8.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise Violation(1007, "A text message is UTF-8.") from None


def accept_of(key: str) -> str | None:
    """The value of Sec-WebSocket-Accept for a client's key; None when it is no key (§4.2.1)."""
    try:
        if len(base64.b64decode(key, validate=True)) != KEY_BYTES:
            return None
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


def text_frame(content: bytes) -> bytes:
    """A whole text message."""
    return frame_head(len(content)) + content


def binary_frame(content: bytes) -> bytes:
    """A whole binary message."""
    return bytes((0x80 | Opcode.BINARY,)) + text_frame(content)[1:]


def frame_head(length: int) -> bytes:
    """What stands before the bytes of a text message."""
    if length < SHORT:
        return bytes((0x81, length))
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")


def control_frame(opcode: Opcode, content: bytes = b"") -> bytes:
    """A ping, a pong or a close."""
    assert len(content) <= CONTROL_BYTES_MAX
    return bytes((0x80 | opcode, len(content))) + content


def close_frame(code: int, reason: str = "") -> bytes:
    """The end, with what a person can read; a reason that is too long is cut between characters."""
    return control_frame(Opcode.CLOSE, code.to_bytes(2, "big") + cut_reason(reason).encode())


def cut_reason(reason: str) -> str:
    """As much of it as a close frame carries."""
    return reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")


def close_in(content: bytes) -> tuple[int, str]:
    """The code and the reason of a peer's close; 1005 stands for none (§7.1.5).

    Raises:
        Violation: a code that must not be sent, or a reason that is no UTF-8.
    """
    if not content:
        return 1005, ""
    code = int.from_bytes(content[:2], "big")
    if len(content) == 1 or not (code in CODES_OF_PEERS or code in PRIVATE_CODES):
        raise Violation(1002, "That is no close code.")
    try:
        return code, content[2:].decode()
    except UnicodeDecodeError:
        raise Violation(1007, "The reason is not UTF-8.") from None


class FrameReader:
    """Takes bytes as they arrive and gives whole messages; holds at most one message and the part of a frame."""

    __slots__ = ("_buffer", "_bytes_max", "_needed", "_opcode", "_parts", "_parts_bytes")

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._buffer = bytearray()
        self._needed = 0
        self._opcode: Opcode | None = None
        self._parts: list[bytes] = []
        self._parts_bytes = 0

    def read(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes.

        Raises:
            Violation: not what a client may send; nothing after it can be read.
        """
        buffer: bytes | bytearray = data
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return
            buffer = self._buffer
        position, self._needed = 0, 0
        try:
            while (frame := self._frame(buffer, position)) is not None:
                is_final, opcode, content, position = frame
                message = self._message(is_final, opcode, content)
                if message is not None:
                    yield message
        except Violation:
            self._buffer.clear()
            raise
        if buffer is self._buffer:
            del self._buffer[:position]
        else:
            self._buffer += buffer[position:]

    def _frame(self, buffer: bytes | bytearray, at: int) -> tuple[bool, Opcode, bytes, int] | None:
        """One frame and where the next begins; None when it is not all here, which is asked again when it may be."""
        begins = at
        if len(buffer) < at + 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        if first & 0x70:
            raise Violation(1002, "Reserved bits are set.")
        if not second & 0x80:
            raise Violation(1002, "Frames of clients are masked.")
        opcode = _opcode(first & 0x0F)
        length, at = second & 0x7F, at + 2
        if opcode >= Opcode.CLOSE and (length > CONTROL_BYTES_MAX or not first & 0x80):
            raise Violation(1002, "Control frames are short and whole.")
        if length >= SHORT:
            size = 2 if length == SHORT else 8
            if len(buffer) < at + size:
                return None
            length, at = int.from_bytes(buffer[at : at + size], "big"), at + size
        if opcode < Opcode.CLOSE and self._parts_bytes + length > self._bytes_max:
            raise Violation(1009, f"A message has at most {self._bytes_max} bytes.")
        end = at + 4 + length
        if len(buffer) < end:
            self._needed = end - begins
            return None
        return bool(first & 0x80), opcode, apply_mask(buffer[at + 4 : end], buffer[at : at + 4]), end

    def _message(self, is_final: bool, opcode: Opcode, content: bytes) -> Message | None:
        """Put a frame to those before it; a message when it is the last of it."""
        if opcode >= Opcode.CLOSE:
            return Message(opcode, content)
        if (opcode is Opcode.CONTINUATION) is (self._opcode is None):
            raise Violation(1002, "A message is continued by continuations, and by nothing else.")
        if is_final and self._opcode is None:
            return Message(opcode, content)
        self._opcode = self._opcode or opcode
        if content:  # any number of empty ones may come
            self._parts.append(content)
        self._parts_bytes += len(content)
        if not is_final:
            return None
        whole = Message(self._opcode, b"".join(self._parts))
        self._opcode, self._parts, self._parts_bytes = None, [], 0
        return whole


_OPCODES: Final = {opcode.value: opcode for opcode in Opcode}


def _opcode(number: int) -> Opcode:
    opcode = _OPCODES.get(number)
    if opcode is None:
        raise Violation(1002, "That is no kind of frame.")
    return opcode

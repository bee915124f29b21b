"""Just enough of websockets (RFC 6455) for a client that has to read a hundred thousand frames a second."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from typing import Final

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SHORT, MEDIUM, LONG = 125, 126, 127  # what stands in the length: itself, or that 2 or 8 bytes of it follow
FINAL: Final = 0x80
MASKED: Final = 0x80


class Fragmented(Exception):
    """The server split a message, which none of ours does."""


class FrameReader:
    """Turns bytes as they arrive into frames."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Kind and payload of every frame that is whole now; what is left waits for the next bytes."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        place, end = 0, len(data)
        while place + 2 <= end:
            size, start = data[place + 1], place + 2
            if size >= MEDIUM:
                width = 2 if size == MEDIUM else 8
                size, start = int.from_bytes(data[start : start + width]), start + width
            if start + size > end:
                break
            kind = data[place]
            if not kind & FINAL:
                raise Fragmented
            yield kind & 0x0F, data[start : start + size]
            place = start + size
        self._rest = data[place:]


def masked(kind: int, payload: bytes) -> bytes:
    """A frame as clients send it, under a mask."""
    size, mask = len(payload), secrets.token_bytes(4)
    if size <= SHORT:
        head = bytes((FINAL | kind, MASKED | size))
    else:
        head = bytes((FINAL | kind, MASKED | MEDIUM)) + size.to_bytes(2)
    hidden = int.from_bytes(payload) ^ int.from_bytes((mask * (size // 4 + 1))[:size])
    return head + mask + hidden.to_bytes(size)


def handshake(path: str, protocol: str) -> bytes:
    """What asks a server to speak websocket."""
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {protocol}",
    )
    return "\r\n".join((*lines, "", "")).encode()

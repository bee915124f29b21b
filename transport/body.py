"""The body of a request, read when somebody asks for it and once for all who do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[Any]]


class Body:
    """Who checks a signature needs the bytes before what is asked is known; nobody else waits for them earlier."""

    __slots__ = ("_read", "_receive")

    def __init__(self, receive: Receive | None = None) -> None:
        self._receive = receive
        self._read: bytes | None = None if receive else b""

    async def whole(self) -> bytes:
        """All of it; how long it may be is for what stands before the endpoint to mind. A socket has none."""
        if self._read is None:
            assert self._receive is not None, "what has no body was read from the start"
            self._read = await _whole(self._receive)
        return self._read

    async def pieces(self, *, silent_seconds_max: float) -> AsyncIterator[bytes]:
        """It as it comes, kept by nobody; whole when somebody has read it before.

        Raises:
            TimeoutError: nothing came for that long.
        """
        if self._read is not None:
            yield self._read
            return
        assert self._receive is not None, "what has no body was read from the start"
        is_more = True
        while is_more:
            async with asyncio.timeout(silent_seconds_max):
                message = await self._receive()
            is_more = message.get("more_body", False)
            if body := message.get("body"):
                yield body


async def _whole(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)

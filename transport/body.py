"""The body of a request, read when somebody asks for it and once for all who do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from transport.waiting import TimeLimit

Receive = Callable[[], Awaitable[Any]]
SILENCE: Final = TimeLimit(15.0)


class TooLong(Exception):
    """A body is longer than it may be."""


class Stalled(Exception):
    """Nothing more of a body came within the limit of `SILENCE`."""


class Body:
    """Who checks a signature needs the bytes before what is asked is known; nobody else waits for them earlier."""

    __slots__ = ("_read", "_receive")

    def __init__(self, receive: Receive | None = None) -> None:
        self._receive = receive
        self._read: bytes | None = None if receive else b""

    async def whole(self, bytes_max: int | None = None) -> bytes:
        """All of it, where it is no longer; a socket has none.

        Raises:
            TooLong: it is longer, and what is left of it was not read.
            Stalled: the rest of it does not come.
        """
        if self._read is None:
            assert self._receive is not None, "what has no body was read from the start"
            self._read = await _whole(self._receive, bytes_max)
        elif bytes_max is not None and len(self._read) > bytes_max:
            raise TooLong
        return self._read

    async def pieces(self) -> AsyncIterator[bytes]:
        """It as it comes, kept by nobody; whole when somebody has read it before.

        Raises:
            Stalled: the rest of it does not come.
        """
        if self._read is not None:
            yield self._read
            return
        assert self._receive is not None, "what has no body was read from the start"
        is_more = True
        while is_more:
            message = await _received(self._receive)
            is_more = message.get("more_body", False)
            if body := message.get("body"):
                yield body


async def _whole(receive: Receive, bytes_max: int | None) -> bytes:
    message = await _received(receive)
    body: bytes = message.get("body", b"")
    size, parts = len(body), [body]
    while message.get("more_body") and (bytes_max is None or size <= bytes_max):
        message = await _received(receive)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if bytes_max is not None and size > bytes_max:
        raise TooLong
    return body if len(parts) == 1 else b"".join(parts)


async def _received(receive: Receive) -> Any:
    try:
        return await SILENCE.within(receive())
    except TimeoutError:
        raise Stalled from None

"""What a client sent that its application has not taken yet: a client that sends faster than it is served waits."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

# What is beyond this is left in the kernel.
UNREAD_MAX: Final = 16


class Inbox:
    """ASGI events of one socket, in order; it stops and resumes the reading of its transport."""

    __slots__ = ("_events", "_is_closed", "_is_held", "_is_reading", "_loop", "_transport", "_waiter")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._events: deque[dict[str, Any]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_closed = self._is_held = False
        self._is_reading = True

    def put(self, event: dict[str, Any]) -> None:
        """Something happened; messages behind the end of the socket are passed over."""
        if self._is_closed and event["type"] == "websocket.receive":
            return
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._adjust()

    async def take(self) -> dict[str, Any]:
        """The next event, when there is one."""
        while not self._events:
            self._waiter = self._loop.create_future()
            await self._waiter
        self._waiter = None
        event = self._events.popleft()
        self._adjust()
        return event

    def hold(self) -> None:
        """The client does not read; what it asks waits, or answers would pile up."""
        self._is_held = True
        self._adjust()

    def release(self) -> None:
        """It reads again."""
        self._is_held = False
        self._adjust()

    def close(self) -> None:
        """The socket is closing: what was sent before the client knows is not answered, so it is not done either."""
        self._is_closed = True
        self._events = deque(event for event in self._events if event["type"] != "websocket.receive")
        self._adjust()

    def _adjust(self) -> None:
        is_full = len(self._events) >= (UNREAD_MAX if self._is_reading else 1)
        is_wanted = self._is_closed or not (self._is_held or is_full)
        if is_wanted != self._is_reading and not self._transport.is_closing():
            self._is_reading = is_wanted
            if is_wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

"""Messages that have arrived, on their way from the listening connections to broadcaster."""

from __future__ import annotations

import asyncio
from collections import deque

from broadcaster import Event


class Arrivals:
    """A bounded queue with one reader; a full one stops the connections.

    asyncio's own queue takes ten calls for a message, and a process that is woken for few messages at a time pays for
    each of them.
    """

    def __init__(self, events_max: int) -> None:
        self._events_max = events_max
        self._events: deque[Event] = deque()
        self._has_some = asyncio.Event()
        self._has_room = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether whoever puts has to wait."""
        return len(self._events) >= self._events_max

    async def put(self, channel: str, message: bytes) -> None:
        """One more message, as soon as there is room."""
        while len(self._events) >= self._events_max:
            self._has_room.clear()
            await self._has_room.wait()
        if not self._events:
            self._has_some.set()
        self._events.append(Event(channel, message))  # type: ignore[arg-type]  # it carries what was published

    async def get(self) -> Event:
        """The oldest message, as soon as there is one."""
        while not self._events:
            self._has_some.clear()
            await self._has_some.wait()
        if len(self._events) == self._events_max:
            self._has_room.set()
        return self._events.popleft()

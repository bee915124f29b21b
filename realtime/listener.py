"""One subscription of one client: a bounded queue between the channel and whoever reads it."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum
from typing import Final

from realtime.envelope import Envelope

CAPACITY: Final = 256


class Signal(Enum):
    """What a listener may hear besides events."""

    SILENCE = "nothing came within the time"
    MISSED = "something may have been lost on the way: read the log"
    OVERFLOW = "the reader was too slow and the queue was thrown away"


class Listener:
    """Filled by the hub without waiting, emptied by one reader.

    The queue is a log: when it is full nothing in it may be left out, so all of it goes and the reader is told once.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._queue: deque[Envelope] = deque()
        self._has_missed = False
        self._has_overflown = False
        self._something = asyncio.Event()
        self.dropped = 0

    def offer(self, envelope: Envelope) -> None:
        """Take an event, or remember that there was no room for it."""
        if self._has_overflown or len(self._queue) >= self._capacity:
            self.dropped += len(self._queue) + 1
            self._queue.clear()
            self._has_overflown = True
        else:
            self._queue.append(envelope)
        self._something.set()

    def miss(self) -> None:
        """Remember that events may have passed by."""
        self._has_missed = True
        self._something.set()

    def forget(self) -> None:
        """Empty the queue: the reader turns to the log, which holds all that was published until now."""
        self._queue.clear()
        self._has_missed = self._has_overflown = False
        self._something.clear()

    async def next(self, *, timeout_seconds: float) -> Envelope | Signal:
        """What comes next; signals go before events."""
        if not self._something.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._something.wait()
            except TimeoutError:
                return Signal.SILENCE
        if self._has_overflown:
            return Signal.OVERFLOW
        if self._has_missed:
            return Signal.MISSED
        envelope = self._queue.popleft()
        if not self._queue:
            self._something.clear()
        return envelope

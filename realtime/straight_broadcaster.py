"""Broadcaster without a queue and a task for every subscriber."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

import broadcaster
from broadcaster import BroadcastBackend, Event

MESSAGES_PER_TURN: Final = 64

Offer = Callable[[bytes], None]

_log = logging.getLogger(__name__)


class StraightBroadcaster(broadcaster.Broadcast):
    """Hands each message on as soon as it arrives, to subscribers who never wait.

    Broadcaster's own subscribers have unbounded queues, which somebody has to empty into bounded ones: a task for each
    channel, woken for each message, for which most of a message's time was spent.
    """

    def __init__(self, backend: BroadcastBackend) -> None:
        super().__init__(backend=backend)
        self._handed = count(1)
        # Somebody who subscribes while the last one leaves must not lose the channel.
        self._changing = asyncio.Lock()

    async def listen(self, channel: str, offer: Offer) -> Ear:
        """Hand every message of the channel to `offer`."""
        ear = Ear(channel, offer, self._handed)
        async with self._changing:
            if channel not in self._subscribers:
                await self._backend.subscribe(channel)
            self._subscribers.setdefault(channel, set()).add(ear)  # type: ignore[arg-type]  # only ever put into
        return ear

    async def leave(self, ear: Ear) -> None:
        """Hand it nothing more."""
        ear.is_closed = True
        async with self._changing:
            ears = self._subscribers[ear.channel]
            ears.remove(ear)  # type: ignore[arg-type]  # it was put there above
            if not ears:
                del self._subscribers[ear.channel]
                await self._backend.unsubscribe(ear.channel)


class Ear:
    """Stands where broadcaster keeps a subscriber's queue."""

    __slots__ = ("_handed", "_offer", "channel", "is_closed")

    def __init__(self, channel: str, offer: Offer, handed: Iterator[int]) -> None:
        self.channel, self._offer, self._handed = channel, offer, handed
        self.is_closed = False

    async def put(self, event: Event) -> None:
        """Called by broadcaster for each message; whatever a subscriber does, the others get theirs.

        Gives way every few messages, or a burst would overflow listeners who had no turn to read.
        """
        if self.is_closed:
            return
        try:
            self._offer(event.message)  # type: ignore[arg-type]  # broadcaster hands on what was published: bytes
        except Exception:
            _log.exception("a listener of %s failed", self.channel)
        if next(self._handed) % MESSAGES_PER_TURN == 0:
            await asyncio.sleep(0)

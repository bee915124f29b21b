"""Who listens to what in this process: each channel is subscribed to once, however many listen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from realtime.broadcast import Broadcast, Subscription
from realtime.envelope import GAP, Envelope, decode
from realtime.listener import CAPACITY, Listener
from realtime.metrics import RealtimeMetrics, topic

CATCH_UPS_AT_ONCE: Final = 4

_log = logging.getLogger(__name__)


class Hub:
    """The listeners of one process, by channel. A message is decoded once and offered to each."""

    def __init__(self, broadcast: Broadcast, metrics: RealtimeMetrics, *, capacity: int = CAPACITY) -> None:
        self._broadcast = broadcast
        self._metrics = metrics
        self._capacity = capacity
        self._channels: dict[str, _Channel] = {}
        self._opening = asyncio.Lock()
        # After an outage every listener reads the log; they must not take all connections of the pool.
        self.catching_up = asyncio.Semaphore(CATCH_UPS_AT_ONCE)

    @asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[Listener]:
        """A listener that hears everything published on the channel from the beginning of the block to its end."""
        listener = Listener(self._capacity)
        joined = await self._join(channel, listener)
        self._metrics.listeners.labels(topic(channel)).inc()
        try:
            await joined.subscription.confirmed()
            yield listener
        finally:
            self._metrics.listeners.labels(topic(channel)).dec()
            self._metrics.dropped.labels(topic(channel)).inc(listener.dropped)
            await self._leave(joined, listener)

    async def _join(self, name: str, listener: Listener) -> _Channel:
        async with self._opening:
            channel = self._channels.get(name)
            if channel is None:
                listeners: set[Listener] = set()
                subscription = await self._broadcast.subscribe(name, lambda message: _offer(listeners, message))
                channel = self._channels[name] = _Channel(name, listeners, subscription)
            channel.listeners.add(listener)
            return channel

    async def _leave(self, channel: _Channel, listener: Listener) -> None:
        channel.listeners.discard(listener)
        async with self._opening:
            if not channel.listeners and self._channels.get(channel.name) is channel:
                del self._channels[channel.name]
                await channel.subscription.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Channel:
    name: str
    listeners: set[Listener]
    subscription: Subscription


def _offer(listeners: set[Listener], message: bytes) -> None:
    envelope = _decoded(message)
    for listener in listeners:
        if envelope is None:
            listener.miss()
        else:
            listener.offer(envelope)


def _decoded(message: bytes) -> Envelope | None:
    """The event, or None when only the log can tell what happened."""
    if message == GAP:
        return None
    try:
        return decode(message)
    except (ValueError, LookupError, TypeError):
        _log.exception("a message on a channel was not an envelope")
        return None

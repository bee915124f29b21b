"""Who listens to what in this process: each channel is subscribed to once, however many listen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any

from realtime.broadcast import Broadcast, Subscription
from realtime.envelope import GAP, Envelope, decode
from realtime.group import Group
from realtime.listener import CAPACITY, Listener
from realtime.metrics import RealtimeMetrics, topic

_log = logging.getLogger(__name__)


class Hub:
    """The listeners of one process, by channel. A message is decoded once and offered to each group and listener."""

    def __init__(self, broadcast: Broadcast, metrics: RealtimeMetrics, *, capacity: int = CAPACITY) -> None:
        self._broadcast = broadcast
        self._metrics = metrics
        self.capacity = capacity
        self._channels: dict[str, _Channel] = {}
        self._opening = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, name: str) -> AsyncIterator[Listener]:
        """A listener of our own that hears everything published on the channel while the block lasts."""
        listener = Listener(self.capacity)
        channel = await self._channel(name)
        channel.listeners.add(listener)
        self._metrics.listeners.labels(topic(name)).inc()
        try:
            await channel.subscription.confirmed()
            yield listener
        finally:
            self._metrics.listeners.labels(topic(name)).dec()
            self._metrics.dropped.labels(topic(name)).inc(listener.dropped)
            channel.listeners.discard(listener)
            await self._leave(channel)

    async def join(self, name: str, key: Hashable, make: Callable[[], Group[Any]]) -> Group[Any]:
        """The group of this key on the channel, which hears all that is published from now on.

        Whoever joins leaves by `leave`, once.
        """
        channel = await self._channel(name)
        group = channel.groups.get(key)
        if group is None:
            group = channel.groups[key] = make()
        channel.members[key] = channel.members.get(key, 0) + 1
        self._metrics.listeners.labels(topic(name)).inc()
        try:
            await channel.subscription.confirmed()
        except BaseException:
            self.leave(name, key)
            raise
        return group

    def leave(self, name: str, key: Hashable) -> None:
        """A member is gone; the group ends with the last one, and the channel with its last group."""
        channel = self._channels[name]
        self._metrics.listeners.labels(topic(name)).dec()
        channel.members[key] -= 1
        if channel.members[key]:
            return
        del channel.members[key]
        channel.groups.pop(key).close()
        leaving = asyncio.create_task(self._leave(channel), name=f"leaving {topic(name)}")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _channel(self, name: str) -> _Channel:
        """The channel, open; the caller puts itself into it before it waits for anything."""
        async with self._opening:
            channel = self._channels.get(name)
            if channel is None:
                channel = _Channel(name)
                channel.subscription = await self._broadcast.subscribe(name, channel.offer)
                self._channels[name] = channel
            return channel

    async def _leave(self, channel: _Channel) -> None:
        async with self._opening:
            if channel.is_empty and self._channels.get(channel.name) is channel:
                del self._channels[channel.name]
                await channel.subscription.close()


class _Channel:
    """One subscription and everybody in this process whom it serves."""

    __slots__ = ("groups", "listeners", "members", "name", "subscription")

    subscription: Subscription

    def __init__(self, name: str) -> None:
        self.name = name
        self.listeners: set[Listener] = set()
        self.groups: dict[Hashable, Group[Any]] = {}
        self.members: dict[Hashable, int] = {}

    @property
    def is_empty(self) -> bool:
        return not self.listeners and not self.members

    def offer(self, message: bytes) -> None:
        """What was published, to everybody."""
        envelope = _decoded(message)
        for listener in self.listeners:
            if envelope is None:
                listener.miss()
            else:
                listener.offer(envelope)
        for group in tuple(self.groups.values()):
            group.offer(envelope)


def _decoded(message: bytes) -> Envelope | None:
    """The event, or None when only the log can tell what happened."""
    if message == GAP:
        return None
    try:
        return decode(message)
    except (ValueError, LookupError, TypeError):
        _log.exception("a message on a channel was not an envelope")
        return None

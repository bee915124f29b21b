"""Broadcaster's backend on a cluster: sharded pub/sub, each channel on the node that serves its slot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from broadcaster import BroadcastBackend, Event
from redis.exceptions import ClusterDownError, RedisError

from integrations.redis.addresses import ClusterAddress, Node
from integrations.redis.cluster_slots import SlotMap, read_slots
from realtime.arrivals import Arrivals
from realtime.cluster_nodes import ClusterNodes
from realtime.publishing_connection import Message

QUEUE_MAX: Final = 10_000
REFRESH_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 0.2

_log = logging.getLogger(__name__)


class ClusterBackend(BroadcastBackend):
    """Pub/sub that survives its nodes and follows slots that move.

    A node that was away, or that lost a slot, gives a gap notice to its own channels; those of the others go on. The
    map of slots is read anew when a connection is lost, when a node says that it does not serve a channel, and every
    `REFRESH_SECONDS`, in case a node was left behind alone and nobody told us.
    """

    def __init__(self, url: str, *, on_connect: Callable[[], None] = lambda: None) -> None:
        self._address = ClusterAddress.of(url)
        self._arrivals = Arrivals(QUEUE_MAX)
        self._stale = asyncio.Event()
        self._nodes = ClusterNodes(self._address, self._arrivals, on_connect=on_connect, on_trouble=self._stale.set)
        self._slots = SlotMap()
        self._homes: dict[str, Node | None] = {}
        self._refreshing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Begin to listen; returns after the first attempt to reach the nodes, whether they are there or away."""
        try:
            await self._refresh()
        except (RedisError, OSError) as fault:
            _log.warning("no node of the Redis cluster answers: %s", fault)
        await self._nodes.tried()
        self._task = asyncio.create_task(self._keep_the_map(), name="redis cluster map")

    async def disconnect(self) -> None:
        """Stop listening and give the connections back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._nodes.keep_only(frozenset())

    async def subscribe(self, group: str) -> None:
        """Want a channel, without waiting: see `confirmed`."""
        home = self._homes[group] = self._slots.owner(group)
        if home is None:
            self._stale.set()
        else:
            self._nodes.listening(home).want(group)

    async def unsubscribe(self, group: str) -> None:
        """Want it no more."""
        home = self._homes.pop(group)
        if home is not None:
            self._nodes.listening(home).leave(group)

    async def confirmed(self, channel: str) -> None:
        """Return when a node has us on the channel, or when it is away and a gap notice will follow."""
        home = self._homes.get(channel)
        if home is not None:
            await self._nodes.listening(home).confirmed(channel)

    async def publish(self, channel: str, message: Any) -> None:
        """Publish one message."""
        await self.publish_all([(channel, message)])

    async def publish_all(self, messages: Sequence[Message]) -> None:
        """Publish in order within each channel, in one round trip to each node at the same time.

        What a node refuses or does not take is tried once more with a fresh map; the messages of other nodes have gone
        out by then. Raises RedisError or OSError when some may not have gone out.
        """
        left, fault = await self._send(messages)
        if left:
            await self._refresh()
            left, fault = await self._send(left)
        if fault is not None:
            raise fault

    async def ping(self) -> None:
        """Raises RedisError or OSError when no node answers."""
        await read_slots(self._address, self._slots.nodes)

    async def next_published(self) -> Event:
        """The next message of any channel."""
        return await self._arrivals.get()

    async def _send(self, messages: Sequence[Message]) -> tuple[list[Message], Exception | None]:
        """What did not go out, and why."""
        by_node: dict[Node, list[Message]] = {}
        left: list[Message] = []
        for message in messages:
            home = self._slots.owner(message[0])
            (left if home is None else by_node.setdefault(home, [])).append(message)
        fault: Exception | None = ClusterDownError("no node serves the slot") if left else None
        sent = await asyncio.gather(*(self._nodes.send(node, batch) for node, batch in by_node.items()))
        for unsent, why in sent:
            left += unsent
            fault = fault or why
        return left, fault

    async def _keep_the_map(self) -> None:
        is_unreadable = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._stale.wait()
            self._stale.clear()
            try:
                await self._refresh()
                is_unreadable = False
            except Exception as fault:  # a loop outlives every fault of the cluster
                if not is_unreadable:
                    _log.warning("the map of the Redis cluster could not be read: %s", fault)
                is_unreadable = True
                self._stale.set()
            # A slot on the move makes trouble until all nodes know where it went.
            await asyncio.sleep(PAUSE_SECONDS)

    async def _refresh(self) -> None:
        async with self._refreshing:
            slots = await read_slots(self._address, self._slots.nodes)
            self._nodes.open(slots.nodes)
            self._slots = slots
            self._settle()
            await self._nodes.keep_only(slots.nodes)

    def _settle(self) -> None:
        """Listen to each channel where it is served now."""
        homeless = self._nodes.homeless()
        for channel, home in self._homes.items():
            owner = self._slots.owner(channel)
            if owner == home and channel not in homeless:
                continue
            if home is not None:
                self._nodes.listening(home).leave(channel)
            self._homes[channel] = owner
            if owner is not None:
                self._nodes.listening(owner).want_again(channel)

"""Which node of a cluster serves which channel."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from integrations.redis.addresses import ClusterAddress, Node

ASK_SECONDS: Final = 1.0
# What a node says of another whose address it was not told.
UNKNOWN_HOST: Final = b"?"


@dataclass(frozen=True, slots=True)
class SlotRange:
    """Slots of one node, both ends included."""

    first: int
    last: int
    node: Node


class SlotMap:
    """The slots as one node told them. Two maps are equal when every slot has the same owner in both."""

    def __init__(self, ranges: Iterable[SlotRange] = ()) -> None:
        self._ranges = sorted(ranges, key=lambda one: one.first)
        self._firsts = [one.first for one in self._ranges]

    @property
    def nodes(self) -> frozenset[Node]:
        """Who serves any slot."""
        return frozenset(one.node for one in self._ranges)

    def owner(self, channel: str) -> Node | None:
        """Who serves the channel; None while nobody does."""
        slot = key_slot(channel.encode())
        place = bisect_right(self._firsts, slot) - 1
        if place < 0 or slot > self._ranges[place].last:
            return None
        return self._ranges[place].node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SlotMap) and self._ranges == other._ranges

    __hash__ = None  # type: ignore[assignment]  # it is compared, never looked up


async def read_slots(address: ClusterAddress, known: Iterable[Node]) -> SlotMap:
    """Ask the nodes in any order until one answers; not always the same, whose map may be an old one.

    Raises:
        RedisError or OSError: none of them answers.
    """
    nodes = list({*known, *address.seeds})
    random.shuffle(nodes)
    last_fault: Exception = RedisConnectionError("the cluster has no node")
    for node in nodes:
        try:
            return await _ask(address, node)
        except (RedisError, OSError) as fault:
            last_fault = fault
    raise last_fault


async def _ask(address: ClusterAddress, asked: Node) -> SlotMap:
    async with asyncio.timeout(ASK_SECONDS), Redis.from_url(address.url_of(asked), socket_timeout=None) as client:
        rows = await client.execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]
    return SlotMap(
        SlotRange(int(first), int(last), Node(host.decode() if host else asked.host, int(port)))
        for first, last, (host, port, *_), *_ in rows
        if host != UNKNOWN_HOST
    )

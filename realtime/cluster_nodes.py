"""The nodes of a cluster, each with what publishes to it and what listens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from integrations.redis.addresses import ClusterAddress, Node
from realtime.arrivals import Arrivals
from realtime.listening_connection import SHARDED, ListeningConnection
from realtime.publishing_connection import Message, PublishingConnection
from realtime.redis_backend import client_of


class ClusterNodes:
    """Opened as the map of slots names them, closed when it names them no more."""

    def __init__(
        self,
        address: ClusterAddress,
        arrivals: Arrivals,
        *,
        on_connect: Callable[[], None],
        on_trouble: Callable[[], None],
    ) -> None:
        self._address, self._arrivals = address, arrivals
        self._on_connect, self._on_trouble = on_connect, on_trouble
        self._lines: dict[Node, _Lines] = {}

    def open(self, nodes: Iterable[Node]) -> None:
        """Begin to listen on those that are new."""
        for node in nodes:
            if node not in self._lines:
                client = client_of(self._address.url_of(node))
                listening = ListeningConnection(
                    client.connection_pool,
                    self._arrivals,
                    speech=SHARDED,
                    on_connect=self._on_connect,
                    on_trouble=self._on_trouble,
                )
                publishing = PublishingConnection(client.connection_pool, word="SPUBLISH")
                self._lines[node] = _Lines(client, listening, publishing)
                listening.start()

    async def keep_only(self, nodes: frozenset[Node]) -> None:
        """Close all others."""
        for node in [node for node in self._lines if node not in nodes]:
            lines = self._lines.pop(node)
            await lines.listening.stop()
            await lines.publishing.close()
            await lines.client.aclose()

    async def tried(self) -> None:
        """Return after the first attempt to reach each."""
        await asyncio.gather(*(lines.listening.tried() for lines in self._lines.values()))

    def listening(self, node: Node) -> ListeningConnection:
        """What listens to the node."""
        return self._lines[node].listening

    def homeless(self) -> set[str]:
        """The channels that are listened to where they are not served."""
        return set().union(*(lines.listening.homeless for lines in self._lines.values()))

    async def send(self, node: Node, messages: Sequence[Message]) -> tuple[list[Message], Exception | None]:
        """Publish on one node, in order. What it did not take, and why."""
        try:
            refusals = await self._lines[node].publishing.publish(messages)
        except (RedisError, OSError) as fault:
            return list(messages), fault
        refused = [message for message, refusal in zip(messages, refusals, strict=True) if refusal is not None]
        return refused, next((refusal for refusal in refusals if refusal is not None), None)


@dataclass(frozen=True, slots=True)
class _Lines:
    client: Redis
    listening: ListeningConnection
    publishing: PublishingConnection

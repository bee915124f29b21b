"""Clients that send nothing twice by themselves, found by the key that is asked about."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError

from integrations.redis.addresses import ClusterAddress, Node, is_cluster
from integrations.redis.cluster_slots import SlotMap, read_slots

CONNECT_SECONDS: Final = 1.0


class OneServer:
    """The one client there is."""

    def __init__(self, url: str) -> None:
        self._client = _client(url)

    async def of(self, key: str) -> Redis:
        """Whoever keeps the key."""
        return self._client

    def mistrust(self) -> None:
        """Nothing to look up anew."""

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


class ClusterServers:
    """A client a node. The map of slots is read at the first question, and anew when it is mistrusted."""

    def __init__(self, url: str) -> None:
        self._address = ClusterAddress.of(url)
        self._slots: SlotMap | None = None
        self._nodes: frozenset[Node] = frozenset()
        self._clients: dict[Node, Redis] = {}

    async def of(self, key: str) -> Redis:
        """Whoever keeps the key. Raises RedisError or OSError when nobody does, or no node answers."""
        if self._slots is None:
            self._slots = await read_slots(self._address, self._nodes)
            self._nodes = self._slots.nodes
        node = self._slots.owner(key)
        if node is None:
            raise ClusterDownError("no node serves the slot")
        if node not in self._clients:
            self._clients[node] = _client(self._address.url_of(node))
        return self._clients[node]

    def mistrust(self) -> None:
        """Something was not where the map says."""
        self._slots = None

    async def close(self) -> None:
        """Give the connections back."""
        for client in self._clients.values():
            await client.aclose()


def servers_of(url: str) -> OneServer | ClusterServers:
    """The server or the cluster that the URL names."""
    return ClusterServers(url) if is_cluster(url) else OneServer(url)


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=None,  # how long an answer may take is for whoever asks to say
    )

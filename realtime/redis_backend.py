"""Broadcaster's backend on one Redis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime.arrivals import Arrivals
from realtime.listening_connection import ListeningConnection
from realtime.publishing_connection import Message, PublishingConnection

QUEUE_MAX: Final = 10_000
CONNECT_SECONDS: Final = 1.0


class RedisBackend(BroadcastBackend):
    """Pub/sub that survives its server: see `ListeningConnection`.

    The queue towards broadcaster is bounded and a full one stops the reading: Redis then closes the connection of a
    process that cannot follow, and the gap sends its listeners to the log.
    """

    def __init__(self, url: str, *, on_connect: Callable[[], None] = lambda: None) -> None:
        self._client = client_of(url)
        self._arrivals = Arrivals(QUEUE_MAX)
        self._listening = ListeningConnection(self._client.connection_pool, self._arrivals, on_connect=on_connect)
        self._publishing = PublishingConnection(self._client.connection_pool, word="PUBLISH")

    async def connect(self) -> None:
        """Begin to listen; returns after the first attempt to reach the server, whether it is there or away."""
        self._listening.start()
        await self._listening.tried()

    async def disconnect(self) -> None:
        """Stop listening and give the connections back."""
        await self._listening.stop()
        await self._publishing.close()
        await self._client.aclose()

    async def subscribe(self, group: str) -> None:
        """Want a channel, without waiting: see `confirmed`."""
        self._listening.want(group)

    async def unsubscribe(self, group: str) -> None:
        """Want it no more."""
        self._listening.leave(group)

    async def confirmed(self, channel: str) -> None:
        """Return when the server has us on the channel, or when it is away and a gap notice will follow."""
        await self._listening.confirmed(channel)

    async def publish(self, channel: str, message: Any) -> None:
        """Publish one message."""
        await self.publish_all([(channel, message)])

    async def publish_all(self, messages: Sequence[Message]) -> None:
        """Publish in order, in one round trip. Raises RedisError or OSError when some may not have gone out."""
        for refusal in await self._publishing.publish(messages):
            if refusal is not None:
                raise refusal

    async def ping(self) -> None:
        """Raises RedisError or OSError when the server does not answer."""
        await self._client.ping()

    async def next_published(self) -> Event:
        """The next message of any channel."""
        return await self._arrivals.get()


def client_of(url: str) -> Redis:
    """A client of one server, and where its listening connections come from."""
    return Redis.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 1),  # a pooled connection of before a restart fails once
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=None,  # with one, redis-py sends through asyncio.wait_for, which on 3.11 can lose a cancel
    )

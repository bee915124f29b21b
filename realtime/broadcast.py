"""Messages from one process to the others, or to itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from broadcaster._backends.memory import MemoryBackend
from redis.exceptions import RedisError

from integrations.redis.addresses import is_cluster
from realtime.cluster_backend import ClusterBackend
from realtime.publishing_connection import Message
from realtime.redis_backend import RedisBackend
from realtime.straight_broadcaster import Offer, StraightBroadcaster

MEMORY: Final = "memory://"


class BroadcastDown(Exception):
    """Messages could not be published; some may have gone out."""


class Backend(Protocol):
    """What broadcaster's backends must be able to do beyond its own demands."""

    async def publish_all(self, messages: Sequence[Message]) -> None:
        """Publish in order."""
        ...

    async def confirmed(self, channel: str) -> None:
        """Return when messages of the channel arrive, or when a gap notice will say that they do."""
        ...

    async def ping(self) -> None:
        """Raises when the server does not answer."""
        ...


class InProcessBackend(MemoryBackend):
    """One process that is publisher and listener."""

    async def publish_all(self, messages: Sequence[Message]) -> None:
        for channel, message in messages:
            await self.publish(channel, message)

    async def confirmed(self, channel: str) -> None:
        """At once: there is nobody to ask."""

    async def ping(self) -> None:
        """This process answers as long as it lives."""


class Broadcast:
    """Publish and listen; `memory://` within one process, `redis://…`, `rediss://…` or `unix://…` between many, and
    `redis+cluster://…` or `rediss+cluster://…` where one Redis is not enough.
    """

    def __init__(self, url: str, *, on_connect: Callable[[], None] = lambda: None) -> None:
        backend = _backend_of(url, on_connect)
        self._backend: Backend = backend
        self._broadcaster = StraightBroadcaster(backend)

    async def __aenter__(self) -> Self:
        await self._broadcaster.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._broadcaster.disconnect()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish in order.

        Raises:
            BroadcastDown: try again; listeners drop what they get twice.
        """
        try:
            await self._backend.publish_all(messages)
        except (RedisError, OSError) as fault:
            raise BroadcastDown from fault

    async def ping(self) -> None:
        """Raises when the server does not answer."""
        await self._backend.ping()

    async def subscribe(self, channel: str, offer: Offer) -> Subscription:
        """Hand every message of the channel to `offer`, which must not wait."""
        ear = await self._broadcaster.listen(channel, offer)
        return Subscription(
            confirm=lambda: self._backend.confirmed(channel), leave=lambda: self._broadcaster.leave(ear)
        )


def _backend_of(url: str, on_connect: Callable[[], None]) -> InProcessBackend | RedisBackend | ClusterBackend:
    if url == MEMORY:
        return InProcessBackend(url)
    return (ClusterBackend if is_cluster(url) else RedisBackend)(url, on_connect=on_connect)


class Subscription:
    """A channel being listened to, until it is closed."""

    def __init__(self, *, confirm: Callable[[], Awaitable[None]], leave: Callable[[], Awaitable[None]]) -> None:
        self._confirm, self._leave = confirm, leave

    async def confirmed(self) -> None:
        """Return when nothing that is published from now on is missed, or when a gap notice would tell of it."""
        await self._confirm()

    async def close(self) -> None:
        """Listen no more."""
        await self._leave()

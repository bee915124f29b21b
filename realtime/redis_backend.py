"""Broadcaster's backend on redis-py: one supervised listening connection that comes back and says that it was away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError

from realtime.confirmations import Confirmations
from realtime.envelope import GAP

QUEUE_MAX: Final = 10_000
RETRY_SECONDS_MIN: Final = 0.05
RETRY_SECONDS_MAX: Final = 0.5
CONNECT_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 5.0
PING_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 2 * PING_SECONDS + 1.0
CONFIRM_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class RedisBackend(BroadcastBackend):
    """Pub/sub that survives its server. After every (re)connection each channel gets `GAP` once it is listened to
    again, because what was published meanwhile is gone.

    The queue towards broadcaster is bounded and a full one stops the reading: Redis then closes the connection of a
    process that cannot follow, and the gap sends its listeners to the log.
    """

    def __init__(self, url: str, *, on_connect: Callable[[], None] = lambda: None) -> None:
        self._client = Redis.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 1),  # a pooled connection of before a restart fails once
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=None,  # with one, redis-py sends through asyncio.wait_for, which on 3.11 can lose a cancel
        )
        self._on_connect = on_connect
        self._published: asyncio.Queue[Event] = asyncio.Queue(QUEUE_MAX)
        self._wanted: set[str] = set()
        self._orders: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._confirmations = Confirmations()
        self._missed: set[str] = set()
        self._is_connected = False
        self._has_tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Begin to listen; returns after the first attempt to reach the server, whether it is there or away."""
        self._task = asyncio.create_task(self._supervise(), name="redis listener")
        await self._has_tried.wait()

    async def disconnect(self) -> None:
        """Stop listening and give the connections back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def subscribe(self, group: str) -> None:
        """Want a channel, without waiting: see `confirmed`."""
        self._wanted.add(group)
        self._order("SUBSCRIBE", group)

    async def unsubscribe(self, group: str) -> None:
        """Want it no more."""
        self._wanted.discard(group)
        self._order("UNSUBSCRIBE", group)

    async def confirmed(self, channel: str) -> None:
        """Return when the server has us on the channel, or when it is away and a gap notice will follow."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._confirmations.wait(channel)
        except TimeoutError:
            _log.warning("Redis did not confirm a subscription in time")

    async def publish(self, channel: str, message: Any) -> None:
        """Publish one message."""
        await self.publish_all([(channel, message)])

    async def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish in order, in one round trip. Raises RedisError or OSError when some may not have gone out."""
        pipeline = self._client.pipeline(transaction=False)
        for channel, message in messages:
            pipeline.publish(channel, message)
        async with asyncio.timeout(ANSWER_SECONDS):
            await pipeline.execute()

    async def ping(self) -> None:
        """Raises RedisError or OSError when the server does not answer."""
        await self._client.ping()

    async def next_published(self) -> Event:
        """The next message of any channel."""
        return await self._published.get()

    def _order(self, command: str, channel: str) -> None:
        if not self._is_connected:
            return
        if command == "SUBSCRIBE":
            self._confirmations.expect(channel)
        self._orders.put_nowait((command, channel))

    async def _supervise(self) -> None:
        pause_seconds = RETRY_SECONDS_MIN
        while True:
            connection = self._client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await connection.connect()
                pause_seconds = RETRY_SECONDS_MIN
                await self._listen(connection)
            except Exception as fault:  # whatever ended this connection, listeners need another
                _log.warning("the listening connection to Redis ended: %r", fault)
            finally:
                self._has_tried.set()
                self._lose()
                await connection.disconnect(nowait=True)
            await asyncio.sleep(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds = min(2 * pause_seconds, RETRY_SECONDS_MAX)

    async def _listen(self, connection: AbstractConnection) -> None:
        """Write orders and read messages until one of the two fails."""
        self._is_connected = True
        self._missed = set(self._wanted)
        for channel in self._wanted:
            self._order("SUBSCRIBE", channel)
        self._has_tried.set()
        self._on_connect()
        writing = asyncio.create_task(self._write(connection), name="redis orders")
        reading = asyncio.create_task(self._read(connection), name="redis messages")
        try:
            done, _ = await asyncio.wait((writing, reading), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            writing.cancel()
            reading.cancel()
            await asyncio.gather(writing, reading, return_exceptions=True)

    def _lose(self) -> None:
        """Nobody waits for a confirmation that cannot come; orders are given anew with the next connection."""
        self._is_connected = False
        self._confirmations.give_up()
        while not self._orders.empty():
            self._orders.get_nowait()

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            orders: list[tuple[str, ...]] = []
            try:
                async with asyncio.timeout(PING_SECONDS):
                    orders.append(await self._orders.get())
            except TimeoutError:
                orders.append(("PING",))
            while not self._orders.empty():
                orders.append(self._orders.get_nowait())
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.send_packed_command(connection.pack_commands(orders), check_health=False)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            answer = await connection.read_response(disable_decoding=True, timeout=SILENCE_SECONDS)
            if answer is None:
                raise RedisTimeoutError("Redis answered no ping")
            match answer:
                case [b"message", name, content]:
                    await self._published.put(Event(name.decode(), content))
                case [b"subscribe", name, _]:
                    await self._listening_to(name.decode())

    async def _listening_to(self, channel: str) -> None:
        self._confirmations.arrived(channel)
        if channel in self._missed:
            self._missed.discard(channel)
            await self._published.put(Event(channel, GAP))  # type: ignore[arg-type]  # carries what was published

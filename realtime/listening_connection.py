"""One supervised connection that listens on one server: it comes back by itself and says that it was away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.crc import key_slot
from redis.exceptions import MovedError
from redis.exceptions import TimeoutError as RedisTimeoutError

from realtime.arrivals import Arrivals
from realtime.confirmations import Confirmations
from realtime.envelope import GAP

RETRY_SECONDS_MIN: Final = 0.05
RETRY_SECONDS_MAX: Final = 0.5
ANSWER_SECONDS: Final = 5.0
PING_SECONDS: Final = 5.0
CONFIRM_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one kind of pub/sub, as they are said and as they are answered."""

    subscribe: str
    unsubscribe: str
    subscribed: bytes
    unsubscribed: bytes
    message: bytes


PLAIN: Final = Speech("SUBSCRIBE", "UNSUBSCRIBE", b"subscribe", b"unsubscribe", b"message")
SHARDED: Final = Speech("SSUBSCRIBE", "SUNSUBSCRIBE", b"ssubscribe", b"sunsubscribe", b"smessage")


class ListeningConnection:
    """The channels wanted of one server. Its messages go to `arrivals`, whose fullness stops the reading.

    After every (re)connection each channel gets `GAP` once it is listened to again, because what was published
    meanwhile is gone. In `homeless` are the channels that this server no longer serves; `on_trouble` is called when
    one is added, and when the connection is lost.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        arrivals: Arrivals,
        *,
        speech: Speech = PLAIN,
        on_connect: Callable[[], None] = lambda: None,
        on_trouble: Callable[[], None] = lambda: None,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._pool, self._arrivals, self._speech = pool, arrivals, speech
        self._on_connect, self._on_trouble, self._ping_seconds = on_connect, on_trouble, ping_seconds
        self.homeless: set[str] = set()
        self._wanted: set[str] = set()
        self._missed: set[str] = set()
        self._orders: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self._leaving: Counter[str] = Counter()
        self._confirmations = Confirmations()
        self._is_connected = self._has_heard = False
        self._has_tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._supervise(), name="redis listener")

    async def tried(self) -> None:
        """Return after the first attempt to reach the server, whether it is there or away."""
        await self._has_tried.wait()

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def want(self, channel: str) -> None:
        """Want a channel, without waiting: see `confirmed`."""
        self._wanted.add(channel)
        if self._is_connected:
            self._subscribe(channel)

    def want_again(self, channel: str) -> None:
        """Want a channel that was listened to elsewhere until now: something may have been missed in between."""
        self._missed.add(channel)
        self.want(channel)

    def leave(self, channel: str) -> None:
        """Want it no more."""
        is_there = self._is_connected and channel not in self.homeless
        self._wanted.discard(channel)
        self._missed.discard(channel)
        self.homeless.discard(channel)
        if is_there:
            self._leaving[channel] += 1
            self._orders.put_nowait((self._speech.unsubscribe, channel))

    async def confirmed(self, channel: str) -> None:
        """Return when the server has us on the channel, or when it is away and a gap notice will follow."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._confirmations.wait(channel)
        except TimeoutError:
            _log.warning("Redis did not confirm a subscription in time")

    async def _supervise(self) -> None:
        pause_seconds = RETRY_SECONDS_MIN
        is_known_to_be_away = False
        while True:
            connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await connection.connect()
                if is_known_to_be_away:
                    _log.warning("Redis is listened to again")
                is_known_to_be_away = False
                pause_seconds = RETRY_SECONDS_MIN
                await self._listen(connection)
            except Exception as fault:  # whatever ended this connection, listeners need another
                if not is_known_to_be_away:
                    _log.warning("the listening connection to Redis ended: %r %s", connection, fault)
                is_known_to_be_away = True
            finally:
                self._has_tried.set()
                self._lose()
                await connection.disconnect(nowait=True)
            self._on_trouble()
            await asyncio.sleep(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds = min(2 * pause_seconds, RETRY_SECONDS_MAX)

    async def _listen(self, connection: AbstractConnection) -> None:
        """Write orders, read messages and watch for silence until one of the three fails."""
        self._is_connected = True
        self.homeless.clear()
        self._missed = set(self._wanted)
        for channel in self._wanted:
            self._subscribe(channel)
        self._has_tried.set()
        self._on_connect()
        tasks = [
            asyncio.create_task(self._write(connection), name="redis orders"),
            asyncio.create_task(self._read(connection), name="redis messages"),
            asyncio.create_task(self._watch(), name="redis pings"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _subscribe(self, channel: str) -> None:
        self._confirmations.expect(channel)
        self._orders.put_nowait((self._speech.subscribe, channel))

    def _lose(self) -> None:
        """Nobody waits for a confirmation that cannot come; orders are given anew with the next connection."""
        self._is_connected = False
        self._confirmations.give_up()
        self._leaving.clear()
        while not self._orders.empty():
            self._orders.get_nowait()

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            orders = [await self._orders.get()]
            while not self._orders.empty():
                orders.append(self._orders.get_nowait())
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.send_packed_command(connection.pack_commands(orders), check_health=False)

    async def _watch(self) -> None:
        """Ask for a sign of life; a time-out of its own for every message would cost as much as reading it."""
        while True:
            self._has_heard = False
            self._orders.put_nowait(("PING",))
            await asyncio.sleep(self._ping_seconds)
            if not self._has_heard and not self._arrivals.is_full:
                raise RedisTimeoutError("Redis answered no ping")

    async def _read(self, connection: AbstractConnection) -> None:
        speech, arrivals = self._speech, self._arrivals
        # To read by the connection itself takes five calls a message, for time-outs that there are none of.
        read = connection._parser.read_response  # type: ignore[attr-defined]  # every parser has it
        while True:
            answer = await read(disable_decoding=True)
            self._has_heard = True
            match answer:
                case [speech.message, name, content]:
                    await arrivals.put(name.decode(), content)
                case [speech.subscribed, name, _]:
                    await self._listening_to(name.decode())
                case [speech.unsubscribed, name, _]:
                    self._left(name.decode())
                case MovedError():
                    self._moved(answer.slot_id)
                case Exception():
                    raise answer

    async def _listening_to(self, channel: str) -> None:
        self._confirmations.arrived(channel)
        if channel in self._missed:
            self._missed.discard(channel)
            await self._arrivals.put(channel, GAP)

    def _left(self, channel: str) -> None:
        """We left, or the server sent us away because another one serves the channel now."""
        if self._leaving[channel] > 0:
            self._leaving[channel] -= 1
            if not self._leaving[channel]:
                del self._leaving[channel]
        elif channel in self._wanted:
            self._lose_homes({channel})

    def _moved(self, slot: int) -> None:
        """An order was refused; the answer names no channel, only the slot that this server does not serve."""
        for channel in [channel for channel in self._leaving if key_slot(channel.encode()) == slot]:
            del self._leaving[channel]
        self._lose_homes({channel for channel in self._wanted if key_slot(channel.encode()) == slot})

    def _lose_homes(self, channels: set[str]) -> None:
        for channel in channels:
            self._confirmations.give_up_on(channel)
        self.homeless |= channels
        self._on_trouble()

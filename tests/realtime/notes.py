"""Events of a small world of its own: notes on boards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from prometheus_client import CollectorRegistry

from db import outbox
from db.engine import Database, open_database
from db.streams import UNBORN, Position
from db.traces import Trace, leaving
from db.transaction import Transaction
from domain.clock import SystemClock
from domain.events import Event
from realtime.broadcast import Broadcast
from realtime.cursors import CursorSeal
from realtime.doorbell import Doorbell
from realtime.envelope import Envelope
from realtime.hub import Hub
from realtime.items import Item
from realtime.metrics import RealtimeMetrics
from realtime.publication import Address, Publication, PublishingTable
from realtime.readers import DurableReader
from realtime.relay import Relay
from realtime.replay import LiveStreams

Items: TypeAlias = AsyncGenerator[Item[object], None]


@dataclass(frozen=True, kw_only=True)
class NotePinned(Event):
    """Somebody pinned a note to a board."""

    name = "note.pinned"

    board: str
    text: str

    @property
    def subject(self) -> str:
        return self.board


TABLE = PublishingTable(
    [
        Publication(
            event=NotePinned,
            type="notes.update",
            addresses=(
                Address(
                    "board:{board}", "readers", lambda note: [f"board:{note.board}"], lambda note: {"text": note.text}
                ),
                Address(
                    "settings",
                    "readers",
                    lambda note: ["settings"] if note.board == "settings" else [],
                    lambda note: {"text": note.text},
                ),
                Address("boards", "readers", lambda _: ["boards"], lambda note: {"board": note.board}),
            ),
        )
    ]
)


async def pin(database: Database, *texts: str, board: str = "a") -> None:
    """One command that pins notes."""
    notes = [NotePinned(board=board, text=text) for text in texts]
    async with Transaction(database) as transaction:
        await tell(transaction, notes)
        await transaction.commit()


async def tell(transaction: Transaction, events: Sequence[Event]) -> None:
    """What a command leaves behind that has nothing but events."""
    at = datetime.now(UTC)
    trace = Trace(actor="system", operation="test", request_id="req", address="", at=at, events=events)
    await transaction.driver.execute(leaving(trace))


async def until_relayed(database: Database, *, seconds: float = 5.0) -> None:
    """Wait until the outbox has nothing that could be relayed."""
    deadline = time.monotonic() + seconds
    while True:
        async with database.read() as connection:
            if not await outbox.waiting(connection, limit=1):
                return
        assert time.monotonic() < deadline, "events still wait"
        await asyncio.sleep(0.01)


async def until(is_so: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@dataclass(frozen=True, kw_only=True)
class Process:
    """What one process of the product has of the floor under test."""

    database: Database
    broadcast: Broadcast
    doorbell: Doorbell
    hub: Hub
    live: LiveStreams
    metrics: RealtimeMetrics
    registry: CollectorRegistry

    def from_the_beginning(self, stream: str) -> Items:
        """Everything that ever happened and will happen in a stream: there is no moment to miss."""
        return self.live.follow(stream, after=Position(stream, UNBORN, 0))

    def figure(self, name: str, **labels: str) -> float | None:
        """What /metrics would show."""
        return self.registry.get_sample_value(name, labels)

    def relay(self, *readers: DurableReader, table: PublishingTable = TABLE) -> Relay:
        return Relay(
            self.database,
            self.broadcast,
            self.doorbell,
            table,
            clock=SystemClock(),
            metrics=self.metrics,
            readers=readers,
        )


@asynccontextmanager
async def process(
    database_url: str, redis_url: str, *, capacity: int = 256, heartbeat_seconds: float = 15.0
) -> AsyncIterator[Process]:
    """A process of its own as far as connections go."""
    database = open_database(database_url, pool_size=5)
    registry = CollectorRegistry()
    metrics = RealtimeMetrics(registry)
    async with Broadcast(redis_url) as broadcast, Doorbell(broadcast) as doorbell:
        hub = Hub(broadcast, metrics, capacity=capacity)
        live = LiveStreams(
            database,
            hub,
            TABLE,
            metrics,
            cursors=CursorSeal(b"only for tests"),
            heartbeat_seconds=heartbeat_seconds,
        )
        yield Process(
            database=database,
            broadcast=broadcast,
            doorbell=doorbell,
            hub=hub,
            live=live,
            metrics=metrics,
            registry=registry,
        )
    await database.close()


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    """The relay at work."""
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Follower:
    """A client: follows a stream and keeps what it hears."""

    def __init__(self, items: Items) -> None:
        self.heard: list[Item[object]] = []
        self._items = items
        self._something = asyncio.Condition()
        self._task = asyncio.create_task(self._listen())

    @property
    def events(self) -> list[Envelope]:
        return [item for item in self.heard if isinstance(item, Envelope)]

    @property
    def offsets(self) -> list[int]:
        return [event.position.offset for event in self.events]

    @property
    def texts(self) -> list[object]:
        return [event.body["text"] for event in self.events]

    @property
    def has_ended(self) -> bool:
        return self._task.done()

    async def until_heard(self, count: int, *, seconds: float = 30.0) -> Sequence[Item[object]]:
        """The first `count` items."""
        async with asyncio.timeout(seconds), self._something:
            await self._something.wait_for(lambda: len(self.heard) >= count)
        return self.heard[:count]

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        async for item in self._items:
            async with self._something:
                self.heard.append(item)
                self._something.notify_all()


@asynccontextmanager
async def following(items: Items) -> AsyncIterator[Follower]:
    follower = Follower(items)
    try:
        yield follower
    finally:
        await follower.stop()

"""Listeners who see the same: rendered once for all, each told everything once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from db import outbox, streams
from db.engine import Connection
from db.streams import UNBORN, Position
from realtime.envelope import GAP, Envelope
from realtime.items import Gap, Heartbeat, Item, Snapshot
from realtime.queue import ItemQueue
from tests.realtime.notes import Process, pin, process, running, until, until_relayed

BOARD = "board:a"
SETTINGS_BOARD = "settings"


class Renderings:
    """Counts what is rendered; a text that is asked for is told only when the test lets it."""

    def __init__(self) -> None:
        self.rendered: list[Item[Any]] = []
        self.held: dict[str, asyncio.Event] = {}

    def __call__(self, item: Item[Any]) -> str | Awaitable[str]:
        self.rendered.append(item)
        match item:
            case Envelope():
                told = str(item.body["text"])
                return self._later(told) if told in self.held else told
            case Snapshot():
                return f"snapshot {item.state}"
            case Gap():
                return f"gap {item.cause}"
            case Heartbeat():
                return f"heartbeat {item.head.offset}"

    async def _later(self, told: str) -> str:
        await self.held[told].wait()
        return told


@asynccontextmanager
async def attached(one: Process, render: Renderings, likeness: str, **how: Any) -> AsyncIterator[ItemQueue[str]]:
    sink: ItemQueue[str] = ItemQueue()
    follower = await one.live.attach(BOARD, sink, likeness=likeness, render=render, **how)
    await until(lambda: follower.is_live)
    try:
        yield sink
    finally:
        follower.close()


async def heard(sink: ItemQueue[str], count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [await anext(sink) for _ in range(count)]


async def test_an_event_is_rendered_once_for_all_who_are_alike_and_once_more_for_others(one: Process) -> None:
    render = Renderings()
    async with running(one.relay()), AsyncExitStack() as stack:
        alike = [await stack.enter_async_context(attached(one, render, "alike")) for _ in range(30)]
        assert one.figure("sokoni_delivered_total", topic="board") == 0
        other = await stack.enter_async_context(attached(one, render, "other"))
        await pin(one.database, "first")
        one.doorbell.ring()
        told = [await heard(sink, 1) for sink in (*alike, other)]

    assert told == [["first"]] * 31
    assert len(render.rendered) == 2
    assert one.figure("sokoni_delivered_total", topic="board") == 31


async def test_what_is_rendered_slowly_keeps_its_place_in_the_order(one: Process) -> None:
    render = Renderings()
    render.held["slow"] = asyncio.Event()
    async with running(one.relay()), attached(one, render, "alike") as first, attached(one, render, "alike") as second:
        await pin(one.database, "slow", "fast", "faster")
        await until_relayed(one.database)
        await until(lambda: len(render.rendered) == 1)
        before = (first.waiting, second.waiting)
        render.held["slow"].set()
        told = [await heard(sink, 3) for sink in (first, second)]

    assert before == (0, 0)
    assert told == [["slow", "fast", "faster"]] * 2


async def test_after_an_outage_the_group_reads_the_log_once_for_everybody(one: Process) -> None:
    render = Renderings()
    async with AsyncExitStack() as stack:
        sinks = [await stack.enter_async_context(attached(one, render, "alike")) for _ in range(20)]
        async with running(one.relay()):
            await pin(one.database, "heard")
            one.doorbell.ring()
            assert [await heard(sink, 1) for sink in sinks] == [["heard"]] * 20
        await pin(one.database, "lost")
        async with one.database.transaction() as connection:
            waiting = await outbox.waiting(connection, limit=10)
            await streams.number(connection, [(event.id, BOARD) for event in waiting], at=datetime.now(UTC))
        # Numbered and not published: as if the message had been lost with a connection.
        await one.broadcast.publish([(BOARD, GAP)])
        told = [await heard(sink, 1) for sink in sinks]

    assert told == [["lost"]] * 20
    assert len(render.rendered) == 2


async def test_who_joins_while_others_listen_is_told_everything_once(one: Process) -> None:
    render = Renderings()
    written = [f"note {number}" for number in range(120)]
    beginning = Position(BOARD, UNBORN, 0)
    async with running(one.relay()), AsyncExitStack() as stack:
        sinks = []
        for number, note in enumerate(written):
            if number % 10 == 0:
                sinks.append(await stack.enter_async_context(attached(one, render, "alike", after=beginning)))
            await pin(one.database, note)
            one.doorbell.ring()
        told = [await heard(sink, len(written)) for sink in sinks]

    assert told == [written] * 12


async def test_a_state_that_is_read_too_slowly_comes_as_its_newest_and_goes_on(
    fresh_database_url: str, redis_url: str
) -> None:
    async def count(connection: Connection) -> int:
        return int((await connection.execute(text("select count(*) from outbox"))).scalar_one())

    async with process(fresh_database_url, redis_url, capacity=5) as one, running(one.relay()):
        render = Renderings()
        sink: ItemQueue[str] = ItemQueue()
        follower = await one.live.attach(SETTINGS_BOARD, sink, likeness="alike", render=render, snapshot=count)
        assert await heard(sink, 1) == ["snapshot 0"]
        await pin(one.database, *[f"state {number}" for number in range(20)], board="settings")
        await until_relayed(one.database)
        await until(lambda: sink.waiting == 5)
        early = await heard(sink, 5)
        newest = await heard(sink, 1)
        await pin(one.database, "afterwards", board="settings")
        one.doorbell.ring()
        last = await heard(sink, 1)
        follower.close()

    assert early == [f"state {number}" for number in range(5)]
    assert newest == ["snapshot 20"]
    assert last == ["afterwards"]
    assert one.figure("sokoni_gaps_total", topic="settings", cause="OVERFLOW") is None


async def test_who_leaves_on_the_way_leaves_nothing_behind(one: Process) -> None:
    render = Renderings()
    tasks = len(asyncio.all_tasks())
    async with running(one.relay()):
        for _ in range(20):
            follower = await one.live.attach(BOARD, ItemQueue(), likeness="alike", render=render)
            follower.close()
        await until(lambda: one.figure("sokoni_listeners", topic="board") == 0.0)

    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert len(asyncio.all_tasks()) <= tasks


async def test_heartbeats_go_on_after_the_log_held_only_what_is_not_wanted(
    fresh_database_url: str, redis_url: str
) -> None:
    def is_wanted(note: Envelope) -> bool:
        return note.body["text"] == "wanted"

    render = Renderings()
    async with (
        process(fresh_database_url, redis_url, heartbeat_seconds=0.1) as one,
        attached(one, render, "alike", is_wanted=is_wanted) as sink,
    ):
        await pin(one.database, "noise")
        async with one.database.transaction() as connection:
            waiting = await outbox.waiting(connection, limit=10)
            await streams.number(connection, [(event.id, BOARD) for event in waiting], at=datetime.now(UTC))
        await one.broadcast.publish([(BOARD, GAP)])
        async with asyncio.timeout(5):
            while (told := await anext(sink)) == "heartbeat 0":
                pass

    assert told == "heartbeat 1"


async def test_after_the_gap_of_an_overflow_nothing_is_told_or_read(fresh_database_url: str, redis_url: str) -> None:
    render = Renderings()
    async with process(fresh_database_url, redis_url, capacity=5) as one, running(one.relay()):
        sink: ItemQueue[str] = ItemQueue()
        follower = await one.live.attach(BOARD, sink, likeness="alike", render=render)
        await until(lambda: follower.is_live)
        await pin(one.database, *[f"note {number}" for number in range(20)])
        await until_relayed(one.database)
        await until(lambda: sink.waiting > 5)
        told = [await anext(sink) for _ in range(6)]
        rest = [item async for item in sink]
        await asyncio.sleep(0.1)
        left = [task.get_name() for task in asyncio.all_tasks() if "following" in task.get_name()]

    assert told == [*[f"note {number}" for number in range(5)], "gap OVERFLOW"]
    assert rest == []
    assert len(render.rendered) == 21  # every note by the group, and the gap
    assert left == []

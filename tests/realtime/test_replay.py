"""A stream for one client: no hole, no double, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from db import streams
from db.engine import Connection
from db.streams import UNBORN, Position
from domain.errors import InvalidInput
from domain.streams import GapCause
from realtime.cursors import CursorSeal
from realtime.envelope import Envelope
from realtime.items import Gap, Heartbeat, Snapshot
from tests.realtime.notes import Follower, Items, Process, following, pin, process, running, until, until_relayed

BOARD = "board:a"
BEGINNING = Position(BOARD, UNBORN, 0)


async def texts_on_board(connection: Connection) -> list[str]:
    """The state that a snapshot of board `a` shows: its notes as they were committed, relayed or not."""
    rows = await connection.execute(text("select body ->> 'text' from outbox where subject = 'a' order by id"))
    return [row[0] for row in rows]


async def head_of(one: Process, stream: str = BOARD) -> Position:
    async with one.database.read() as connection:
        return await streams.head(connection, stream)


async def trim_everything(one: Process) -> None:
    async with one.database.transaction() as connection:
        await streams.trim(connection, before=datetime.now(UTC) + timedelta(minutes=1), limit=1000)


async def test_what_a_snapshot_holds_without_a_position_is_not_told_again(one: Process) -> None:
    await pin(one.database, "committed before")
    async with following(one.live.follow(BOARD, snapshot=texts_on_board)) as follower:
        await follower.until_heard(1)
        async with running(one.relay()):
            await pin(one.database, "committed after")
            await follower.until_heard(2)

    assert follower.heard[0] == Snapshot(["committed before"], BEGINNING)
    assert (follower.texts, follower.offsets) == (["committed after"], [2])


async def test_a_snapshot_and_the_events_after_it_make_the_whole_under_concurrent_writes(one: Process) -> None:
    written: list[str] = []
    is_over = False

    async def write() -> None:
        while not is_over:
            written.append(f"note {len(written)}")
            await pin(one.database, written[-1])
            one.doorbell.ring()

    async with running(one.relay()):
        writing = asyncio.create_task(write())
        wholes: list[list[object]] = []
        for _ in range(8):
            await asyncio.sleep(0.03)
            async with following(one.live.follow(BOARD, snapshot=texts_on_board)) as follower:
                first = (await follower.until_heard(1))[0]
                assert isinstance(first, Snapshot)
                assert isinstance(first.state, list)
                assert first.head.offset <= len(first.state)
                await follower.until_heard(4)
                wholes.append([*first.state, *follower.texts])
        is_over = True
        await writing

    assert len(wholes) == 8
    assert all(whole == written[: len(whole)] for whole in wholes)


async def test_followers_that_start_while_events_are_published_miss_none(one: Process, other: Process) -> None:
    written = [f"note {number}" for number in range(200)]
    async with running(one.relay()), AsyncExitStack() as clients:
        followers: list[Follower] = []
        for number, note in enumerate(written):
            await pin(one.database, note)
            one.doorbell.ring()
            if number % 20 == 0:
                follow: Items = other.live.follow(BOARD, after=BEGINNING)
                followers.append(await clients.enter_async_context(following(follow)))

        for follower in followers:
            await follower.until_heard(200)
            assert follower.texts == written


async def test_a_cursor_resumes_after_its_event(one: Process) -> None:
    await pin(one.database, "first", "second", "third")
    async with running(one.relay()):
        await until_relayed(one.database)
        head = await head_of(one)
        async with following(one.live.follow(BOARD, after=Position(BOARD, head.epoch, 1))) as follower:
            await follower.until_heard(2)
            await pin(one.database, "fourth")
            await follower.until_heard(3)

    assert follower.texts == ["second", "third", "fourth"]
    assert follower.offsets == [2, 3, 4]


async def test_without_cursor_and_snapshot_only_what_happens_from_now_on_is_told(
    fresh_database_url: str, redis_url: str
) -> None:
    async with process(fresh_database_url, redis_url, heartbeat_seconds=0.05) as one:
        await pin(one.database, "before")
        async with following(one.live.follow(BOARD)) as follower:
            await follower.until_heard(1)
            async with running(one.relay()):
                await pin(one.database, "after")
                await until(lambda: bool(follower.events))

    assert isinstance(follower.heard[0], Heartbeat)
    assert follower.texts == ["after"]


async def test_a_trimmed_history_is_told_as_a_gap_and_begins_anew_with_a_snapshot(one: Process) -> None:
    await pin(one.database, "first", "second")
    async with running(one.relay()):
        await until_relayed(one.database)
        await trim_everything(one)
        async with following(one.live.follow(BOARD, after=BEGINNING, snapshot=texts_on_board)) as follower:
            gap, snapshot = await follower.until_heard(2)
            await pin(one.database, "third")
            await follower.until_heard(3)

    head = await head_of(one)
    assert gap == Gap(GapCause.HISTORY_TRIMMED, Position(BOARD, head.epoch, 2))
    assert snapshot == Snapshot([], Position(BOARD, head.epoch, 2))
    assert follower.offsets == [3]
    assert one.figure("sokoni_gaps_total", topic="board", cause="HISTORY_TRIMMED") == 1.0


async def test_a_partly_trimmed_history_is_a_gap_too(one: Process) -> None:
    await pin(one.database, "first")
    async with running(one.relay()):
        await until_relayed(one.database)
        await trim_everything(one)
        await pin(one.database, "second")
        await until_relayed(one.database)
        async with following(one.live.follow(BOARD, after=BEGINNING)) as follower:
            (gap,) = await follower.until_heard(1)

    head = await head_of(one)
    assert gap == Gap(GapCause.HISTORY_TRIMMED, head)
    assert head.offset == 2


async def test_a_cursor_at_the_head_of_a_trimmed_stream_loses_nothing(one: Process) -> None:
    await pin(one.database, "first")
    async with running(one.relay()):
        await until_relayed(one.database)
        await trim_everything(one)
        async with following(one.live.follow(BOARD, after=await head_of(one))) as follower:
            await asyncio.sleep(0.05)
            await pin(one.database, "second")
            await follower.until_heard(1)

    assert follower.heard == follower.events
    assert follower.offsets == [2]


async def test_trimming_keeps_what_waits_and_what_is_young(one: Process) -> None:
    await pin(one.database, "relayed")
    async with running(one.relay()):
        await until_relayed(one.database)
    await pin(one.database, "waiting")

    async with one.database.transaction() as connection:
        young = await streams.trim(connection, before=datetime.now(UTC) - timedelta(minutes=1), limit=1000)
        old = await streams.trim(connection, before=datetime.now(UTC) + timedelta(minutes=1), limit=1000)
        left = (await connection.execute(text("select body ->> 'text' from outbox"))).scalars().all()

    assert (young, old, left) == (0, 1, ["waiting"])


async def test_another_epoch_is_told_as_a_gap(one: Process) -> None:
    await pin(one.database, "first")
    async with running(one.relay()):
        await until_relayed(one.database)
        async with following(one.live.follow(BOARD, after=Position(BOARD, uuid4(), 1))) as follower:
            (gap,) = await follower.until_heard(1)

    assert gap == Gap(GapCause.EPOCH_CHANGED, await head_of(one))


async def test_a_stream_that_is_begun_anew_under_a_listener_is_told_as_a_gap(one: Process) -> None:
    await pin(one.database, "first")
    async with running(one.relay()), following(one.live.follow(BOARD, after=BEGINNING)) as follower:
        await follower.until_heard(1)
        async with one.database.transaction() as connection:
            await connection.execute(text("delete from streams"))
        await pin(one.database, "second")
        await follower.until_heard(2)

    assert follower.heard[1] == Gap(GapCause.EPOCH_CHANGED, await head_of(one))


async def test_a_follower_that_is_too_slow_ends_in_a_gap_and_resumes_there(
    fresh_database_url: str, redis_url: str
) -> None:
    async with process(fresh_database_url, redis_url, capacity=10) as one, running(one.relay()):
        items: Items = one.live.follow(BOARD, after=BEGINNING)
        await pin(one.database, "note 1")
        await anext(items)
        await pin(one.database, *[f"note {number}" for number in range(2, 31)])
        await until_relayed(one.database)
        await asyncio.sleep(0.1)

        rest = [item async for item in items]

        gap = rest[-1]
        assert isinstance(gap, Gap)
        assert gap.cause is GapCause.OVERFLOW
        seen = [item.position.offset for item in rest[:-1] if isinstance(item, Envelope)]
        assert gap.resume_from.offset == 1 + len(seen)
        async with following(one.live.follow(BOARD, after=gap.resume_from)) as follower:
            await follower.until_heard(29 - len(seen))
            assert [1, *seen, *follower.offsets] == list(range(1, 31))


async def test_silence_is_told_with_the_position_that_was_reached(fresh_database_url: str, redis_url: str) -> None:
    async with process(fresh_database_url, redis_url, heartbeat_seconds=0.1) as one, running(one.relay()):
        await pin(one.database, "first")
        await until_relayed(one.database)
        async with following(one.live.follow(BOARD, after=BEGINNING)) as follower:
            heard = await follower.until_heard(3)

        head = await head_of(one)
        assert heard[1:] == [Heartbeat(head), Heartbeat(head)]


async def test_what_is_not_wanted_is_passed_over_and_heartbeats_go_on(fresh_database_url: str, redis_url: str) -> None:
    def is_wanted(note: Envelope) -> bool:
        return note.body["text"] == "wanted"

    async with process(fresh_database_url, redis_url, heartbeat_seconds=0.2) as one, running(one.relay()):
        async with following(one.live.follow(BOARD, is_wanted=is_wanted)) as follower:
            await follower.until_heard(1)
            for _ in range(10):
                await pin(one.database, "noise")
                one.doorbell.ring()
                await asyncio.sleep(0.05)
            await pin(one.database, "wanted")
            one.doorbell.ring()
            await until(lambda: bool(follower.events))

        beats = [item.head.offset for item in follower.heard if isinstance(item, Heartbeat)]
        assert follower.texts == ["wanted"]
        assert follower.offsets == [11]
        assert beats
        assert beats[-1] <= 10


def test_a_cursor_stands_for_its_position_and_nothing_else() -> None:
    seal = CursorSeal(b"secret of the test")
    position = Position(BOARD, uuid4(), 7)
    cursor = seal.cursor(position)
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    forgeries = [changed, cursor + "A", cursor[:-4], "", "ü", "no cursor", CursorSeal(b"another").cursor(position)]

    assert seal.position(cursor, stream=BOARD) == position
    for forgery in forgeries:
        with pytest.raises(InvalidInput) as refusal:
            seal.position(forgery, stream=BOARD)
        assert refusal.value.faults[0].path == ("after",)
    with pytest.raises(InvalidInput):
        seal.position(cursor, stream="board:b")

"""Servers and processes die at the worst moment: everything arrives, once, in order."""

from __future__ import annotations

import asyncio
import signal
import sys
import time

import pytest
import redis.asyncio as redis
from sqlalchemy import text

from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer
from db import streams
from db.outbox import mark_relayed, waiting
from tests.realtime.dying_relay import NUMBERED, PUBLISHED
from tests.realtime.notes import Process, following, pin, process, running, until_relayed

BOARD = "board:a"


def kill(valkey: ValkeyServer) -> None:
    assert valkey.process is not None
    valkey.process.kill()
    valkey.process.wait()


def start_again(valkey: ValkeyServer) -> None:
    valkey.start()
    assert wait_until(valkey.is_ready, seconds=30)


async def positions(one: Process) -> list[tuple[str, int, int]]:
    async with one.database.read() as connection:
        rows = await connection.execute(
            text("select stream, position, outbox_id from stream_positions order by stream, position")
        )
    return [(row.stream, row.position, row.outbox_id) for row in rows]


@pytest.mark.parametrize("step", [NUMBERED, PUBLISHED])
async def test_a_relay_killed_between_its_steps_publishes_again_at_the_same_positions(
    one: Process, fresh_database_url: str, redis_url: str, step: str
) -> None:
    async with following(one.from_the_beginning(BOARD)) as follower:
        await asyncio.sleep(0.1)
        await pin(one.database, "first", "second")

        dying = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.realtime.dying_relay", fresh_database_url, redis_url, step
        )
        assert await asyncio.wait_for(dying.wait(), 20) == -signal.SIGKILL
        numbered = await positions(one)
        async with one.database.read() as connection:
            left = await connection.scalar(text("select count(*) from outbox where relayed_at is null"))
        async with running(one.relay()):
            await until_relayed(one.database)
            await pin(one.database, "third")
            await follower.until_heard(3)

    assert left == 2
    assert [position for stream, position, _ in numbered if stream == BOARD] == [1, 2]
    assert [row for row in await positions(one) if row in numbered] == numbered
    assert follower.texts == ["first", "second", "third"]
    assert follower.offsets == [1, 2, 3]


async def test_redis_killed_and_restarted_loses_nothing_and_the_relay_recovers_within_2_s(
    fresh_database_url: str, mortal_valkey: ValkeyServer
) -> None:
    async with (
        process(fresh_database_url, mortal_valkey.url) as one,
        process(fresh_database_url, mortal_valkey.url) as other,
        running(one.relay()),
        following(one.from_the_beginning(BOARD)) as here,
        following(other.from_the_beginning(BOARD)) as there,
    ):
        await asyncio.sleep(0.2)
        await pin(one.database, "before")
        await asyncio.gather(here.until_heard(1), there.until_heard(1))

        kill(mortal_valkey)
        await pin(one.database, *[f"while away {number}" for number in range(250)])
        other.doorbell.ring()
        await asyncio.sleep(1.5)
        async with one.database.read() as connection:
            left = await connection.scalar(text("select count(*) from outbox where relayed_at is null"))
        leads = one.figure("sokoni_relay_leads")
        start_again(mortal_valkey)
        returned = time.monotonic()
        await until_relayed(one.database)
        relayed_seconds = time.monotonic() - returned
        await asyncio.gather(here.until_heard(251), there.until_heard(251))
        heard_seconds = time.monotonic() - returned
        await pin(one.database, "after")
        await asyncio.gather(here.until_heard(252), there.until_heard(252))

        assert (left, leads) == (250, 1.0)
        assert relayed_seconds < 2
        assert heard_seconds < 2
        assert here.offsets == there.offsets == list(range(1, 253))
        assert here.texts == there.texts
        assert here.heard == here.events  # no gap is told where nothing was lost


async def test_events_published_while_only_a_listener_was_cut_off_reach_it_from_the_log(
    one: Process, other: Process, redis_url: str
) -> None:
    async with running(one.relay()), following(other.from_the_beginning(BOARD)) as follower:
        await asyncio.sleep(0.2)
        await pin(one.database, "before")
        await follower.until_heard(1)

        server = redis.from_url(redis_url)
        assert await server.client_kill_filter(_type="pubsub") >= 2
        await server.aclose()
        await pin(one.database, "during")
        one.doorbell.ring()
        await follower.until_heard(2, seconds=2)

    assert follower.texts == ["before", "during"]
    assert other.figure("sokoni_catch_ups_total", topic="board") == 1.0


async def test_a_message_that_is_lost_without_a_notice_is_missed_at_the_next_one_and_read_from_the_log(
    one: Process,
) -> None:
    async with following(one.from_the_beginning(BOARD)) as follower:
        await asyncio.sleep(0.1)
        await pin(one.database, "lost on the wire")
        async with one.database.transaction() as connection:
            [lost] = await waiting(connection, limit=1)
            await streams.number(connection, [(lost.id, BOARD)], at=lost.at)
            await mark_relayed(connection, [lost.id], at=lost.at)
        await pin(one.database, "arrived")
        async with running(one.relay()):
            await follower.until_heard(2)

    assert follower.texts == ["lost on the wire", "arrived"]
    assert follower.offsets == [1, 2]


async def test_a_subscription_made_while_redis_is_away_still_gets_its_log_and_then_goes_live(
    fresh_database_url: str, mortal_valkey: ValkeyServer
) -> None:
    async with process(fresh_database_url, mortal_valkey.url) as one, running(one.relay()):
        await pin(one.database, "first")
        await until_relayed(one.database)
        kill(mortal_valkey)
        async with following(one.from_the_beginning(BOARD)) as follower:
            await follower.until_heard(1, seconds=15)
            await pin(one.database, "second")
            start_again(mortal_valkey)
            await follower.until_heard(2, seconds=3)

        assert follower.texts == ["first", "second"]


async def test_ringing_without_redis_never_fails_and_never_waits(
    fresh_database_url: str, mortal_valkey: ValkeyServer
) -> None:
    async with process(fresh_database_url, mortal_valkey.url) as one:
        kill(mortal_valkey)

        began = time.monotonic()
        for _ in range(1000):
            one.doorbell.ring()

        assert time.monotonic() - began < 0.1
        await one.doorbell.wait(timeout_seconds=0.1)

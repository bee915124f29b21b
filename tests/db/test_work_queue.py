"""Rows that wait: claimed by one, tried later and later, given up in the end, whoever dies over them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select

from db.tables.identity import outgoing_messages
from db.work_queue import ATTEMPTS_MAX, WorkQueue, wait_after
from domain.identity.message import MessageChannel, MessageState
from domain.ids import new_id
from tests.commands import Commands

QUEUE = WorkQueue(outgoing_messages, waiting=MessageState.WAITING, dead=MessageState.DEAD)
LEASE = timedelta(seconds=60)


async def put(commands: Commands, *, attempts: int = 0, due_at: datetime | None = None) -> UUID:
    row = {
        "id": new_id(),
        "channel": MessageChannel.SMS,
        "sealed_address": b"address",
        "sealed_text": b"text",
        "useless_at": commands.now + timedelta(days=9),
        "created_at": commands.now,
        "state": MessageState.WAITING,
        "attempts": attempts,
        "next_attempt_at": due_at or commands.now,
    }
    async with commands.database.transaction() as connection:
        await connection.execute(insert(outgoing_messages), [row])
    return UUID(str(row["id"]))


async def claim(commands: Commands, *, limit: int = 50) -> list[tuple[UUID, int]]:
    async with commands.by_system() as uow:
        rows = await QUEUE.claim(uow.session, now=commands.now, limit=limit, lease_seconds=LEASE.seconds)
    return [(row.id, row.attempts) for row in rows]


async def postpone(commands: Commands, row_id: UUID, *, attempt: int) -> bool:
    async with commands.by_system() as uow:
        return await QUEUE.postpone(uow.session, row_id, attempt=attempt, now=commands.now)


async def finish(commands: Commands, row_id: UUID, *, attempt: int) -> bool:
    async with commands.by_system() as uow:
        outcome = {"state": MessageState.SENT}
        return await QUEUE.finish(uow.session, row_id, attempt=attempt, outcome=outcome)


async def stored(commands: Commands, row_id: UUID) -> Row[Any]:
    async with commands.database.read() as connection:
        return (await connection.execute(select(outgoing_messages).where(outgoing_messages.c.id == row_id))).one()


async def test_a_claim_counts_the_attempt(commands: Commands) -> None:
    row_id = await put(commands)

    assert await claim(commands) == [(row_id, 1)]
    assert (await stored(commands, row_id)).claimed_until == commands.now + LEASE


async def test_a_claimed_row_is_nobody_elses(commands: Commands) -> None:
    await put(commands)
    await claim(commands)

    assert await claim(commands) == []


async def test_workers_at_once_share_the_rows(commands: Commands) -> None:
    ids = {await put(commands) for _ in range(20)}

    claims = await asyncio.gather(*(claim(commands, limit=6) for _ in range(4)))

    taken = [row_id for rows in claims for row_id, _ in rows]
    assert len(taken) == len(set(taken))
    assert set(taken) <= ids
    assert len(taken) + len(await claim(commands)) == 20


async def test_what_is_not_due_waits(commands: Commands) -> None:
    row_id = await put(commands, due_at=commands.now + timedelta(minutes=1))

    assert await claim(commands) == []
    commands.later(timedelta(minutes=1))
    assert await claim(commands) == [(row_id, 1)]


async def test_after_the_lease_somebody_else_claims_it(commands: Commands) -> None:
    row_id = await put(commands)
    await claim(commands)
    commands.later(LEASE)

    assert await claim(commands) == [(row_id, 2)]


async def test_whoever_lost_the_claim_changes_nothing(commands: Commands) -> None:
    row_id = await put(commands)
    await claim(commands)
    commands.later(LEASE)
    await claim(commands)

    assert not await finish(commands, row_id, attempt=1)
    assert not await postpone(commands, row_id, attempt=1)
    assert (await stored(commands, row_id)).state is MessageState.WAITING
    assert await finish(commands, row_id, attempt=2)
    assert (await stored(commands, row_id)).state is MessageState.SENT


async def test_a_failure_waits_a_minute_then_twice_as_long_each_time(commands: Commands) -> None:
    row_id = await put(commands)

    for attempt in range(1, ATTEMPTS_MAX):
        assert await claim(commands) == [(row_id, attempt)]
        assert await postpone(commands, row_id, attempt=attempt)
        wait = (await stored(commands, row_id)).next_attempt_at - commands.now
        around = timedelta(minutes=2 ** (attempt - 1))
        assert around * 0.8 <= wait <= around * 1.2
        commands.later(wait)

    assert await claim(commands) == [(row_id, ATTEMPTS_MAX)]
    assert await postpone(commands, row_id, attempt=ATTEMPTS_MAX)
    assert (await stored(commands, row_id)).state is MessageState.DEAD


async def test_a_row_that_kills_its_workers_is_given_up(commands: Commands) -> None:
    row_id = await put(commands)
    for _ in range(ATTEMPTS_MAX):
        assert len(await claim(commands)) == 1
        commands.later(LEASE)

    assert await claim(commands) == []
    assert (await stored(commands, row_id)).state is MessageState.DEAD


def test_waits_differ_so_that_rows_do_not_come_back_together() -> None:
    assert len({wait_after(6) for _ in range(50)}) > 5

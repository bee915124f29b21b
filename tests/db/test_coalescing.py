"""What many ask for in one turn of the loop is asked for once: who shares a call, and how it ends for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import asyncpg
import pytest
from sqlalchemy import update

from db.coalescing import KEYS_MAX, Coalescing
from db.engine import Database
from db.reads.people import user_rows
from db.tables.identity import users
from tests.commands import Commands
from tests.db.test_read_pool import NAP, ONE, answering
from tests.makers.people import make_person

FAILING = answering("select (1 / 0)::text")


class Counted:
    """Answers every key below a hundred with its double, remembers what it was asked, and waits while it is told to."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.cancelled = 0
        self.going_on = asyncio.Event()
        self.going_on.set()

    async def __call__(self, keys: list[int]) -> Mapping[int, int]:
        self.calls.append(keys)
        try:
            await self.going_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return {key: 2 * key for key in keys if key < 100}  # noqa: PLR2004


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_keys_of_one_turn_are_one_call_and_each_gets_their_own() -> None:
    coalescing, doubled = Coalescing(), Counted()

    answers = await asyncio.gather(
        coalescing.answers("doubles", (1, 2), doubled),
        coalescing.answers("doubles", (2, 3), doubled),
        coalescing.answers("doubles", (200,), doubled),
    )

    assert list(answers) == [{1: 2, 2: 4}, {2: 4, 3: 6}, {}]
    assert doubled.calls == [[1, 2, 3, 200]]


async def test_whoever_comes_once_a_call_has_begun_waits_for_the_next() -> None:
    coalescing, doubled = Coalescing(), Counted()
    doubled.going_on.clear()
    first = asyncio.create_task(coalescing.answers("doubles", (1,), doubled))
    await turns(3)

    late = asyncio.create_task(coalescing.answers("doubles", (1,), doubled))
    later = asyncio.create_task(coalescing.answers("doubles", (2,), doubled))
    await turns(3)
    doubled.going_on.set()

    assert [await first, await late, await later] == [{1: 2}, {1: 2}, {2: 4}]
    assert doubled.calls == [[1], [1, 2]]


async def test_nobody_waits_long_for_a_call_that_takes_long() -> None:
    coalescing, doubled = Coalescing(), Counted()
    doubled.going_on.clear()
    first = asyncio.create_task(coalescing.answers("doubles", (1,), doubled))
    await turns(3)

    begun = time.perf_counter()
    late = asyncio.create_task(coalescing.answers("doubles", (2,), doubled))
    while len(doubled.calls) == 1:  # noqa: ASYNC110  # it has no sign of its own
        await asyncio.sleep(0.001)

    assert time.perf_counter() - begun < 1
    assert doubled.calls == [[1], [2]]
    doubled.going_on.set()
    assert [await first, await late] == [{1: 2}, {2: 4}]


async def test_different_things_have_nothing_to_do_with_each_other() -> None:
    coalescing, doubled, others = Coalescing(), Counted(), Counted()
    doubled.going_on.clear()
    waiting = asyncio.create_task(coalescing.answers("doubles", (1,), doubled))

    assert await coalescing.answers("others", (1,), others) == {1: 2}

    doubled.going_on.set()
    assert await waiting == {1: 2}


async def test_who_gives_up_takes_nothing_from_those_who_share() -> None:
    coalescing, doubled = Coalescing(), Counted()
    doubled.going_on.clear()
    leader, other = (asyncio.create_task(coalescing.answers("doubles", (key,), doubled)) for key in (1, 2))
    await turns(3)

    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    doubled.going_on.set()

    assert await other == {2: 4}


async def test_nothing_is_asked_when_nobody_waits_any_more() -> None:
    coalescing, doubled = Coalescing(), Counted()
    gone = asyncio.create_task(coalescing.answers("doubles", (1,), doubled))
    await turns(1)

    gone.cancel()
    await turns(3)

    assert doubled.calls == []
    assert await coalescing.answers("doubles", (2,), doubled) == {2: 4}


async def test_a_failure_is_each_ones_own_and_the_next_call_begins_anew() -> None:
    coalescing, doubled = Coalescing(), Counted()

    async def fail(_: list[int]) -> Mapping[int, int]:
        raise LookupError("lost", 7)

    first, second = await asyncio.gather(
        coalescing.answers("doubles", (1,), fail), coalescing.answers("doubles", (2,), fail), return_exceptions=True
    )

    assert isinstance(first, LookupError)
    assert isinstance(second, LookupError)
    assert first.args == second.args == ("lost", 7)
    assert first is not second
    assert await coalescing.answers("doubles", (1,), doubled) == {1: 2}


async def test_a_call_is_not_endlessly_long() -> None:
    coalescing, doubled = Coalescing(), Counted()

    await asyncio.gather(
        coalescing.answers("doubles", range(KEYS_MAX), doubled), coalescing.answers("doubles", (1,), doubled)
    )

    assert [len(keys) for keys in doubled.calls] == [KEYS_MAX, 1]


async def test_a_read_sees_what_was_committed_when_it_was_asked(commands: Commands) -> None:
    amina = await make_person(commands)
    reads = commands.database.reads
    earlier = asyncio.create_task(user_rows(reads, [amina.user_id]))
    await turns(4)

    async with commands.database.transaction() as connection:
        await connection.execute(update(users).where(users.c.id == amina.user_id).values(display_name="Renamed"))
    found = await user_rows(reads, [amina.user_id])

    assert found[amina.user_id].display_name == "Renamed"
    await earlier


async def test_the_same_page_is_read_once_for_all_who_ask_in_one_turn(database: Database) -> None:
    first, second = await asyncio.gather(database.reads.fetch_together(ONE), database.reads.fetch_together(ONE))
    third = await database.reads.fetch_together(ONE)

    assert first is second
    assert first == third
    assert first is not third


async def test_a_statement_that_fails_does_so_for_those_who_share_it_only(database: Database) -> None:
    reads = database.reads

    outcomes = await asyncio.gather(
        reads.fetch_together(FAILING),
        reads.fetch_together(FAILING),
        reads.fetch_together(ONE),
        reads.fetch_together(NAP),
        return_exceptions=True,
    )

    failed, also_failed, one, nap = outcomes
    assert isinstance(failed, asyncpg.DivisionByZeroError)
    assert isinstance(also_failed, asyncpg.DivisionByZeroError)
    assert failed is not also_failed
    assert not isinstance(one, BaseException)
    assert not isinstance(nap, BaseException)


async def test_a_call_that_nobody_waits_for_any_more_is_cancelled() -> None:
    coalescing, doubled = Coalescing(), Counted()
    doubled.going_on.clear()
    first, second = (asyncio.create_task(coalescing.answers("doubles", (key,), doubled)) for key in (1, 2))
    await turns(3)

    first.cancel()
    await turns(3)
    assert doubled.cancelled == 0
    second.cancel()
    await turns(3)

    assert (doubled.calls, doubled.cancelled) == ([[1, 2]], 1)
    doubled.going_on.set()
    assert await coalescing.answers("doubles", (3,), doubled) == {3: 6}

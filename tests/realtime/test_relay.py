"""The relay: order, positions, crashes, outages, poison."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from sqlalchemy import text

from db.engine import Connection
from db.outbox import StoredEvent
from db.transaction import Transaction
from tests.realtime.notes import NotePinned, Process, following, pin, running, tell, until_relayed


async def test_listeners_of_two_processes_hear_every_event_once_and_in_order(one: Process, other: Process) -> None:
    async with (
        running(one.relay()),
        following(one.from_the_beginning("board:a")) as here,
        following(other.from_the_beginning("board:a")) as there,
        following(other.from_the_beginning("boards")) as all_boards,
    ):
        await asyncio.sleep(0.1)

        await pin(one.database, "first", "second")
        await pin(other.database, "elsewhere", board="b")
        await pin(other.database, "third")
        one.doorbell.ring()
        await asyncio.gather(here.until_heard(3), there.until_heard(3), all_boards.until_heard(4))

        assert here.texts == there.texts == ["first", "second", "third"]
        assert here.offsets == there.offsets == [1, 2, 3]
        assert [event.body for event in all_boards.events] == [{"board": board} for board in ("a", "a", "b", "a")]
        assert all_boards.offsets == [1, 2, 3, 4]


async def test_an_event_is_found_without_a_ring(one: Process) -> None:
    async with running(one.relay()), following(one.from_the_beginning("board:a")) as follower:
        await asyncio.sleep(0.1)

        await pin(one.database, "unannounced")

        await follower.until_heard(1)


async def test_a_ring_in_one_process_wakes_the_relay_in_another(one: Process, other: Process) -> None:
    async with running(one.relay()), following(other.from_the_beginning("board:a")) as follower:
        await asyncio.sleep(0.1)
        took: list[float] = []

        for count in range(1, 21):
            began = asyncio.get_running_loop().time()
            await pin(other.database, "rung")
            other.doorbell.ring()
            await follower.until_heard(count)
            took.append(asyncio.get_running_loop().time() - began)

        assert sorted(took)[len(took) // 2] < 0.1  # a poll alone would take 0.125 s in the middle


async def test_events_that_commit_in_reverse_order_of_their_ids_are_both_relayed(one: Process) -> None:
    async with running(one.relay()), following(one.from_the_beginning("board:a")) as follower:
        await asyncio.sleep(0.1)
        async with Transaction(one.database) as slow, Transaction(one.database) as fast:
            await tell(slow, [NotePinned(board="a", text="slow")])
            await tell(fast, [NotePinned(board="a", text="fast")])

            await fast.commit()
            await follower.until_heard(1)
            await slow.commit()
        await follower.until_heard(2)

        assert follower.texts == ["fast", "slow"]
        assert follower.offsets == [1, 2]


async def test_only_one_of_two_relays_leads_and_the_other_takes_over(one: Process, other: Process) -> None:
    async with following(one.from_the_beginning("board:a")) as follower:
        async with running(one.relay()):
            await pin(one.database, "by the first")
            await follower.until_heard(1)
            async with running(other.relay()):
                await asyncio.sleep(0.7)
                assert (one.figure("sokoni_relay_leads"), other.figure("sokoni_relay_leads")) == (1.0, 0.0)
        async with running(other.relay()):
            await pin(one.database, "by the second")
            await follower.until_heard(2)

    assert follower.offsets == [1, 2]


async def test_a_relay_that_loses_its_connection_begins_again(one: Process) -> None:
    async with running(one.relay()), following(one.from_the_beginning("board:a")) as follower:
        await pin(one.database, "before")
        await follower.until_heard(1)

        async with one.database.read() as connection:
            await connection.execute(
                text(
                    "select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database"
                    " where d.datname = current_database() and l.locktype = 'advisory' and l.granted"
                )
            )
        await pin(one.database, "after")

        await follower.until_heard(2)
        assert follower.texts == ["before", "after"]


async def test_a_relay_ends_at_whatever_step_it_is_cancelled_and_the_next_one_goes_on(one: Process) -> None:
    for step in range(40):
        relaying = asyncio.create_task(one.relay().run())
        await pin(one.database, f"note {step}")
        one.doorbell.ring()
        await asyncio.sleep(step * 0.0005)
        relaying.cancel()
        await asyncio.wait([relaying], timeout=2)
        assert relaying.cancelled()

    async with running(one.relay()):
        await until_relayed(one.database)
    async with following(one.from_the_beginning("board:a")) as follower:
        await follower.until_heard(40)
        assert follower.texts == [f"note {step}" for step in range(40)]
        assert follower.offsets == list(range(1, 41))


async def test_a_backlog_longer_than_a_batch_is_carried_in_order(one: Process) -> None:
    texts = [f"note {number}" for number in range(450)]
    for start in range(0, 450, 50):
        await pin(one.database, *texts[start : start + 50])

    async with running(one.relay()):
        await until_relayed(one.database)

    async with following(one.from_the_beginning("board:a")) as follower:
        await follower.until_heard(450)
        assert follower.texts == texts
        assert follower.offsets == list(range(1, 451))


class WriteDown:
    """A durable reader that writes a row per event and refuses one text."""

    name = "write down"

    async def read(self, connection: Connection, events: Sequence[StoredEvent]) -> None:
        for event in events:
            await connection.execute(text("insert into written values (:id)"), {"id": event.event_id})
            assert event.body["text"] != "poison", "this cannot be written"


async def test_a_poisonous_event_is_parked_after_three_failures_and_the_others_go_on(one: Process) -> None:
    async with one.database.transaction() as connection:
        await connection.execute(text("create table written (event_id uuid primary key)"))
    async with (
        following(one.from_the_beginning("board:a")) as follower,
        following(one.from_the_beginning("board:b")) as elsewhere,
        AsyncExitStack() as later,
    ):
        await asyncio.sleep(0.1)
        await pin(one.database, "before", "poison", "after")
        await pin(one.database, "elsewhere", board="b")
        await later.enter_async_context(running(one.relay(WriteDown())))
        await elsewhere.until_heard(1)
        await until_relayed(one.database)
        await pin(one.database, "later")
        await until_relayed(one.database)
        await follower.until_heard(3)

    async with one.database.transaction() as connection:
        rows = (await connection.execute(text("select failures, parked_at, relayed_at from outbox order by id"))).all()
        written = await connection.scalar(text("select count(*) from written"))
        await connection.execute(text("drop table written"))
    assert [row.failures for row in rows] == [0, 3, 0, 0, 0]
    assert [row.parked_at is not None for row in rows] == [False, True, False, False, False]
    assert [row.relayed_at is not None for row in rows] == [True, False, True, True, True]
    assert written == 4
    assert (follower.texts, follower.offsets) == (["before", "after", "later"], [1, 2, 3])
    assert one.figure("sokoni_parked_events_total") == 1.0


class Stubborn:
    """A durable reader that refuses one text twice."""

    name = "stubborn"

    def __init__(self) -> None:
        self.refusals = 0

    async def read(self, connection: Connection, events: Sequence[StoredEvent]) -> None:
        if any(event.body["text"] == "difficult" for event in events) and self.refusals < 4:
            self.refusals += 1
            raise ValueError("not now")


async def test_what_follows_about_a_subject_waits_for_an_event_that_fails_at_first(one: Process) -> None:
    async with (
        following(one.from_the_beginning("board:a")) as follower,
        following(one.from_the_beginning("boards")) as everything,
    ):
        await asyncio.sleep(0.1)
        await pin(one.database, "before", "difficult", "after")
        await pin(one.database, "elsewhere", board="b")
        async with running(one.relay(Stubborn())):
            await follower.until_heard(3)
            await everything.until_heard(4)

    assert follower.texts == ["before", "difficult", "after"]
    assert [event.body["board"] for event in everything.events] == ["a", "b", "a", "a"]


async def test_an_event_nobody_knows_is_parked(one: Process) -> None:
    async with one.database.transaction() as connection:
        await connection.execute(
            text(
                "insert into outbox (event_id, name, version, subject, body, actor, request_id, at)"
                " values (gen_random_uuid(), 'note.burnt', 1, 'a', '{}', 'system', 'req', now())"
            )
        )
    await pin(one.database, "after")

    async with running(one.relay()):
        await until_relayed(one.database)

    async with one.database.read() as connection:
        parked = await connection.scalar(text("select name from outbox where parked_at is not null"))
    assert parked == "note.burnt"

"""Messages between the connections that read them and the one who hands them on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from realtime.arrivals import Arrivals


async def taken(arrivals: Arrivals, count: int) -> Sequence[tuple[str, object]]:
    events = [await arrivals.get() for _ in range(count)]
    return [(event.channel, event.message) for event in events]


async def test_who_waits_gets_what_comes_and_in_its_order() -> None:
    arrivals = Arrivals(10)
    waiting = asyncio.create_task(taken(arrivals, 3))
    await asyncio.sleep(0)

    for number in range(3):
        await arrivals.put("a", b"%d" % number)
        await asyncio.sleep(0)

    assert await waiting == [("a", b"0"), ("a", b"1"), ("a", b"2")]


async def test_a_full_one_keeps_every_connection_waiting_and_loses_nothing() -> None:
    arrivals = Arrivals(2)
    done: list[str] = []

    async def connection(name: str) -> None:
        for number in range(50):
            await arrivals.put(name, b"%d" % number)
        done.append(name)

    connections = [asyncio.create_task(connection(name)) for name in "abc"]
    for _ in range(10):
        await asyncio.sleep(0)
    was_full = arrivals.is_full
    assert done == []

    heard = await taken(arrivals, 150)

    await asyncio.gather(*connections)
    assert (was_full, arrivals.is_full) == (True, False)
    for name in "abc":
        assert [message for channel, message in heard if channel == name] == [b"%d" % number for number in range(50)]


async def test_who_gives_up_waiting_takes_nothing_and_keeps_nobody() -> None:
    arrivals = Arrivals(1)
    gone = asyncio.create_task(arrivals.get())
    await asyncio.sleep(0)
    gone.cancel()
    await arrivals.put("a", b"0")
    given_up, patient = (asyncio.create_task(arrivals.put("a", message)) for message in (b"given up", b"1"))
    await asyncio.sleep(0)
    given_up.cancel()

    assert await taken(arrivals, 2) == [("a", b"0"), ("a", b"1")]
    await patient


async def test_it_never_holds_more_than_it_may() -> None:
    arrivals = Arrivals(2)
    puts = [asyncio.create_task(arrivals.put("a", b"%d" % number)) for number in range(6)]

    for left in (4, 3, 2, 1):
        for _ in range(5):
            await asyncio.sleep(0)
        assert sum(not put.done() for put in puts) == left
        await arrivals.get()

    await asyncio.gather(*puts)

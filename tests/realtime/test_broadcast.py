"""Messages between processes."""

from __future__ import annotations

import asyncio

import pytest

from realtime.broadcast import MEMORY, Broadcast, BroadcastDown
from realtime.envelope import GAP


async def until(received: list[bytes], count: int) -> None:
    async with asyncio.timeout(5):
        while len([message for message in received if message != GAP]) < count:  # noqa: ASYNC110  # filled by a callback
            await asyncio.sleep(0.005)


@pytest.fixture(params=["memory", "valkey"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return MEMORY
    redis_url: str = request.getfixturevalue("redis_url")
    return redis_url


async def test_simultaneous_first_subscribers_all_hear(url: str) -> None:
    received: list[list[bytes]] = [[] for _ in range(20)]
    async with Broadcast(url) as broadcast:
        subscriptions = await asyncio.gather(*[broadcast.subscribe("x", heard.append) for heard in received])
        for subscription in subscriptions:
            await subscription.confirmed()

        await broadcast.publish([("x", b"message")])

        for heard in received:
            await until(heard, 1)
        assert [[message for message in heard if message != GAP] for heard in received] == [[b"message"]] * 20
        for subscription in subscriptions:
            await subscription.close()


async def test_what_is_published_after_the_confirmation_arrives_in_order(url: str) -> None:
    async with Broadcast(url) as broadcast:
        for attempt in range(20):
            received: list[bytes] = []
            subscription = await broadcast.subscribe("x", received.append)
            await subscription.confirmed()
            messages = [b"%d %d" % (attempt, number) for number in range(5)]

            await broadcast.publish([("x", message) for message in messages])

            await until(received, 5)
            assert [message for message in received if message != GAP] == messages
            await subscription.close()


async def test_nothing_is_heard_after_closing_and_a_second_listener_stays(url: str) -> None:
    left: list[bytes] = []
    staying: list[bytes] = []
    async with Broadcast(url) as broadcast:
        leaver = await broadcast.subscribe("x", left.append)
        stayer = await broadcast.subscribe("x", staying.append)
        await stayer.confirmed()
        await leaver.close()

        await broadcast.publish([("x", b"message"), ("y", b"elsewhere")])
        await until(staying, 1)

        assert [message for message in left if message != GAP] == []
        assert [message for message in staying if message != GAP] == [b"message"]
        await stayer.close()


async def test_a_listener_that_fails_does_not_silence_the_others(url: str) -> None:
    def fail(message: bytes) -> None:
        raise ValueError(message)

    received: list[bytes] = []
    async with Broadcast(url) as broadcast:
        failing = await broadcast.subscribe("x", fail)
        working = await broadcast.subscribe("x", received.append)
        await working.confirmed()

        await broadcast.publish([("x", b"one"), ("x", b"two")])
        await until(received, 2)

        assert [message for message in received if message != GAP] == [b"one", b"two"]
        await failing.close()
        await working.close()


async def test_a_channel_that_is_left_and_wanted_at_the_same_time_is_heard(url: str) -> None:
    received: list[bytes] = []
    async with Broadcast(url) as broadcast:
        for _ in range(20):
            leaver = await broadcast.subscribe("x", lambda _: None)
            _, subscription = await asyncio.gather(leaver.close(), broadcast.subscribe("x", received.append))
            await subscription.confirmed()
            await broadcast.publish([("x", b"message")])
            await until(received, 1)
            await subscription.close()
            received.clear()


async def test_a_burst_longer_than_all_queues_arrives_whole(url: str) -> None:
    received: list[bytes] = []
    async with Broadcast(url) as sender, Broadcast(url) as receiver:
        reader = sender if url == MEMORY else receiver
        subscription = await reader.subscribe("x", received.append)
        await subscription.confirmed()
        await asyncio.sleep(0.1)

        for start in range(0, 20_000, 500):
            await sender.publish([("x", b"%d" % number) for number in range(start, start + 500)])

        await until(received, 20_000)
        assert [message for message in received if message != GAP] == [b"%d" % number for number in range(20_000)]
        await subscription.close()


async def test_publishing_where_nobody_answers_says_so() -> None:
    async with Broadcast("unix:///nowhere/valkey.sock") as broadcast:
        with pytest.raises(BroadcastDown):
            await broadcast.publish([("x", b"message")])

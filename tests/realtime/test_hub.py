"""One subscription per channel, however many listen; bounded queues that fill honestly."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from uuid import uuid4

import redis.asyncio as redis

from db.streams import Position
from domain.ids import new_id
from realtime.envelope import Envelope, decode, encode
from realtime.listener import Listener, Signal
from tests.realtime.notes import Process

BOARD = "board:hub"
EPOCH = uuid4()


def note(offset: int) -> Envelope:
    return Envelope(
        event_id=new_id(),
        name="note.pinned",
        type="notes.update",
        version=1,
        at=datetime.now(UTC),
        position=Position(BOARD, EPOCH, offset),
        request_id="req",
        body={"text": f"note {offset} – „ünï“", "more": [1, None, True, {"amountMinor": 2**62}]},
    )


async def subscribers(redis_url: str) -> int:
    async with redis.from_url(redis_url) as server:
        [(_, count)] = await server.pubsub_numsub(BOARD)
    return int(count)


def test_an_envelope_survives_its_way() -> None:
    envelope = note(7)

    assert decode(encode(envelope)) == envelope


async def test_listeners_of_a_channel_share_one_subscription_which_ends_with_the_last(
    one: Process, redis_url: str
) -> None:
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(one.hub.listening(BOARD)) for _ in range(50)]
        while_listening = await subscribers(redis_url)

        await one.broadcast.publish([(BOARD, encode(note(1)))])
        heard = [await listener.next(timeout_seconds=2) for listener in listeners]

    await asyncio.sleep(0.1)
    assert [item.position.offset for item in heard if isinstance(item, Envelope)] == [1] * 50
    assert while_listening == 1
    assert await subscribers(redis_url) == 0
    assert one.figure("sokoni_listeners", topic="board") == 0.0


async def test_nobody_counts_as_listening_before_the_server_says_so(one: Process, redis_url: str) -> None:
    async with redis.from_url(redis_url) as server:
        await server.client_pause(300)
        began = time.monotonic()
        async with one.hub.listening(BOARD):
            assert time.monotonic() - began > 0.25


async def test_two_simultaneous_first_listeners_both_hear(one: Process) -> None:
    for attempt in range(20):
        async with AsyncExitStack() as stack:
            enter = [stack.enter_async_context(one.hub.listening(f"board:{attempt}")) for _ in range(2)]
            listeners = await asyncio.gather(*enter)

            await one.broadcast.publish([(f"board:{attempt}", encode(note(1)))])

            heard = [await listener.next(timeout_seconds=2) for listener in listeners]
            assert all(isinstance(item, Envelope) for item in heard)


async def test_a_channel_that_is_left_and_joined_at_once_is_listened_to(one: Process, redis_url: str) -> None:
    for _ in range(20):
        async with one.hub.listening(BOARD):
            pass
        async with one.hub.listening(BOARD) as listener:
            await one.broadcast.publish([(BOARD, encode(note(1)))])
            assert isinstance(await listener.next(timeout_seconds=2), Envelope)


async def test_a_listener_that_is_cancelled_while_joining_leaves_nothing_behind(one: Process, redis_url: str) -> None:
    async def listen() -> None:
        async with one.hub.listening(BOARD) as listener:
            await listener.next(timeout_seconds=60)

    for pause in (0.0, 0.0001, 0.0005, 0.001, 0.002, 0.005):
        task = asyncio.create_task(listen())
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.sleep(0.1)
    assert await subscribers(redis_url) == 0
    assert (one.figure("sokoni_listeners", topic="board") or 0.0) == 0.0


async def test_a_burst_drops_nobody_who_reads(one: Process) -> None:
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(one.hub.listening(BOARD)) for _ in range(20)]

        async def read(listener: Listener) -> list[int]:
            heard = [await listener.next(timeout_seconds=5) for _ in range(2000)]
            return [item.position.offset for item in heard if isinstance(item, Envelope)]

        reading = [asyncio.create_task(read(listener)) for listener in listeners]
        for start in range(1, 2001, 200):
            await one.broadcast.publish([(BOARD, encode(note(offset))) for offset in range(start, start + 200)])

        assert await asyncio.gather(*reading) == [list(range(1, 2001))] * 20


async def test_a_message_that_is_no_envelope_sends_listeners_to_the_log(one: Process) -> None:
    async with one.hub.listening(BOARD) as listener:
        await one.broadcast.publish([(BOARD, b"not an envelope"), (BOARD, b"{}")])

        assert await listener.next(timeout_seconds=2) is Signal.MISSED


async def test_a_full_queue_is_thrown_away_and_told_once_until_it_is_forgotten() -> None:
    listener = Listener(capacity=3)
    for offset in range(1, 6):
        listener.offer(note(offset))

    assert await listener.next(timeout_seconds=0.01) is Signal.OVERFLOW
    assert listener.dropped == 5
    listener.forget()
    assert await listener.next(timeout_seconds=0.01) is Signal.SILENCE
    listener.offer(note(6))
    heard = await listener.next(timeout_seconds=0.01)
    assert isinstance(heard, Envelope)
    assert heard.position.offset == 6

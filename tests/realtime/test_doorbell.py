"""Who is woken by a ring, and who is not."""

from __future__ import annotations

from redis.asyncio import Redis

from realtime.doorbell import CHANNEL
from tests.realtime.notes import Process


async def listening(redis_url: str) -> int:
    """How many processes the server tells of a ring."""
    async with Redis.from_url(redis_url) as client:
        [[_, count]] = await client.pubsub_numsub(CHANNEL)
    return int(count)


async def test_only_a_process_that_waits_is_told_of_rings(one: Process, other: Process, redis_url: str) -> None:
    before = await listening(redis_url)

    await other.doorbell.wait(timeout_seconds=5)

    assert await listening(redis_url) == before + 1
    one.doorbell.ring()
    await other.doorbell.wait(timeout_seconds=5)
    assert await listening(redis_url) == before + 1

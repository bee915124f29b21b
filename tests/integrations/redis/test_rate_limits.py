"""The general limit, on the real server, and without it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from integrations.redis.rate_limits import RedisRateLimiter


async def test_of_many_at_once_exactly_the_limit_passes(redis_url: str) -> None:
    processes = [RedisRateLimiter(redis_url, per_minute=10) for _ in range(2)]
    caller = str(uuid4())

    states = await asyncio.gather(*(processes[n % 2].hit(caller) for n in range(25)))

    assert sum(state is not None and not state.is_exceeded for state in states) == 10
    assert {state.limit for state in states if state} == {10}


async def test_callers_are_counted_apart(redis_url: str) -> None:
    limiter = RedisRateLimiter(redis_url, per_minute=1)
    one, other = str(uuid4()), str(uuid4())
    await limiter.hit(one)

    again, first = await limiter.hit(one), await limiter.hit(other)

    assert again is not None
    assert again.is_exceeded
    assert first is not None
    assert (first.is_exceeded, first.remaining) == (False, 0)


async def test_everybody_passes_while_the_counter_is_away() -> None:
    limiter = RedisRateLimiter("unix:///nowhere/at-all.sock", per_minute=1)

    assert [await limiter.hit("somebody") for _ in range(3)] == [None, None, None]

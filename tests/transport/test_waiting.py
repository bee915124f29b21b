"""A limit on time: what needs none of it, what keeps within it, and what passes it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from transport.waiting import TimeLimit

SEEN: list[str] = []


async def at_once() -> str:
    return "found"


async def waiting(seconds: float, times: int = 1) -> str:
    try:
        for _ in range(times):
            await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        SEEN.append("cancelled")
        raise
    return "found"


async def failing(seconds: float) -> str:
    await asyncio.sleep(seconds)
    raise LookupError("nothing there")


async def stubborn() -> str:
    """Goes on after it is cancelled, and answers after all."""
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        await asyncio.sleep(0)
    return "late"


async def stubborn_in_vain() -> None:
    """Takes its time to end when it is cancelled."""
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        await asyncio.sleep(10)


@pytest.fixture(autouse=True)
def unseen() -> None:
    SEEN.clear()


@pytest.mark.parametrize("work", [at_once, lambda: waiting(0), lambda: waiting(0.001, 5)])
async def test_what_keeps_within_its_time_is_given(work: Any) -> None:
    assert await TimeLimit(5).within(work()) == "found"
    assert SEEN == []


async def test_what_takes_longer_is_cancelled() -> None:
    with pytest.raises(TimeoutError):
        await TimeLimit(0.02).within(waiting(10))

    assert SEEN == ["cancelled"]


async def test_a_limit_counts_all_waits_together() -> None:
    with pytest.raises(TimeoutError):
        await TimeLimit(0.05).within(waiting(0.02, 10))

    assert SEEN == ["cancelled"]


async def test_what_fails_fails_as_it_would_alone() -> None:
    with pytest.raises(LookupError, match="nothing there"):
        await TimeLimit(5).within(failing(0))


async def test_whoever_cancels_from_outside_is_obeyed() -> None:
    task = asyncio.create_task(TimeLimit(5).within(waiting(10)))
    await asyncio.sleep(0.01)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert SEEN == ["cancelled"]


async def test_what_goes_on_after_its_cancellation_is_given_as_it_ends() -> None:
    assert await TimeLimit(0.02).within(stubborn()) == "late"


async def test_each_has_its_own_time_by_the_same_clock() -> None:
    limit = TimeLimit(0.2)
    first = asyncio.create_task(limit.within(waiting(10)))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(limit.within(waiting(0.15)))

    with pytest.raises(TimeoutError):
        await first

    assert await second == "found"
    assert SEEN == ["cancelled"]


async def test_what_ended_is_left_alone_when_its_time_is_over() -> None:
    limit = TimeLimit(0.05)

    assert await limit.within(waiting(0.001)) == "found"
    await asyncio.sleep(0.1)

    with pytest.raises(TimeoutError):
        await limit.within(waiting(10))


async def test_what_is_over_when_somebody_cancels_it_as_well_is_cancelled() -> None:
    task = asyncio.create_task(TimeLimit(0.02).within(stubborn_in_vain()))
    await asyncio.sleep(0.05)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


def test_a_limit_goes_on_in_the_next_loop() -> None:
    limit = TimeLimit(0.02)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(limit.within(waiting(10)))

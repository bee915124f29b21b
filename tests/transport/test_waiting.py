"""A limit on time: what needs none of it, what keeps within it, and what passes it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from transport.waiting import within

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


@pytest.fixture(autouse=True)
def unseen() -> None:
    SEEN.clear()


@pytest.mark.parametrize("work", [at_once, lambda: waiting(0), lambda: waiting(0.001, 5)])
async def test_what_keeps_within_its_time_is_given(work: Any) -> None:
    assert await within(5, work()) == "found"
    assert SEEN == []


async def test_what_takes_longer_is_cancelled() -> None:
    with pytest.raises(TimeoutError):
        await within(0.02, waiting(10))

    assert SEEN == ["cancelled"]


async def test_a_limit_counts_all_waits_together() -> None:
    with pytest.raises(TimeoutError):
        await within(0.05, waiting(0.02, 10))

    assert SEEN == ["cancelled"]


async def test_what_fails_fails_as_it_would_alone() -> None:
    with pytest.raises(LookupError, match="nothing there"):
        await within(5, failing(0))


async def test_whoever_cancels_from_outside_is_obeyed() -> None:
    task = asyncio.create_task(within(5, waiting(10)))
    await asyncio.sleep(0.01)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert SEEN == ["cancelled"]


async def test_what_goes_on_after_its_cancellation_is_given_as_it_ends() -> None:
    assert await within(0.02, stubborn()) == "late"

"""The general limit: exact within a process, shared between processes, and kept by each alone without Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer
from domain.rate_limits import RateState
from integrations.redis.rate_limits import SharedRateLimiter
from tests.valkey_cluster import ValkeyCluster

NOWHERE = "unix:///nowhere/at-all.sock"
NOON = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)


class SetClock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.instant = NOON

    def now(self) -> datetime:
        return self.instant


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def caller_of_this_test() -> str:
    return str(uuid4())


def passed(limiter: SharedRateLimiter, caller: str, *, attempts: int) -> int:
    """How many of so many attempts passed."""
    states = [limiter.hit(caller) for _ in range(attempts)]
    return sum(state is not None and not state.is_exceeded for state in states)


async def until_refused(limiter: SharedRateLimiter, caller: str) -> None:
    async with asyncio.timeout(10):
        while passed(limiter, caller, attempts=1):  # noqa: ASYNC110  # learned by a task of the limiter
            await asyncio.sleep(0.02)


@pytest.fixture(params=["one server", "cluster"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "cluster":
        cluster: ValkeyCluster = request.getfixturevalue("valkey_cluster")
        return cluster.url
    redis_url: str = request.getfixturevalue("redis_url")
    return redis_url


@asynccontextmanager
async def two_processes(
    url: str, clock: SetClock, *, per_minute: int
) -> AsyncIterator[tuple[SharedRateLimiter, SharedRateLimiter]]:
    async with (
        SharedRateLimiter(url, per_minute=per_minute, clock=clock) as one,
        SharedRateLimiter(url, per_minute=per_minute, clock=clock) as other,
    ):
        yield one, other


def lines(caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if text in record.getMessage()]


async def until_logged(caplog: pytest.LogCaptureFixture, text: str, *, times: int) -> None:
    async with asyncio.timeout(10):
        while len(lines(caplog, text)) < times:  # noqa: ASYNC110  # written by a task of the limiter
            await asyncio.sleep(0.02)


def test_of_many_at_once_exactly_the_limit_passes(clock: SetClock) -> None:
    limiter = SharedRateLimiter(NOWHERE, per_minute=10, clock=clock)

    states = [limiter.hit("somebody") for _ in range(12)]

    end = datetime(2026, 11, 20, 12, 1, tzinfo=UTC)
    assert states[0] == RateState(limit=10, remaining=9, reset_at=end, is_exceeded=False)
    assert [state.remaining for state in states if state] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert [state.is_exceeded for state in states if state] == [False] * 10 + [True] * 2


def test_callers_are_counted_apart(clock: SetClock) -> None:
    limiter = SharedRateLimiter(NOWHERE, per_minute=1, clock=clock)

    assert [passed(limiter, caller, attempts=3) for caller in ("one", "other")] == [1, 1]


def test_everybody_may_begin_anew_in_the_next_minute(clock: SetClock) -> None:
    limiter = SharedRateLimiter(NOWHERE, per_minute=2, clock=clock)
    assert passed(limiter, "somebody", attempts=3) == 2

    clock.instant += timedelta(seconds=49.999)
    assert passed(limiter, "somebody", attempts=3) == 0
    clock.instant += timedelta(milliseconds=1)

    assert passed(limiter, "somebody", attempts=3) == 2


def test_whoever_comes_when_the_table_is_full_is_not_counted_and_the_known_still_are(
    clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = SharedRateLimiter(NOWHERE, per_minute=1, clock=clock, callers_max=2)

    states = [limiter.hit(caller) for caller in ("one", "two", "three", "three", "one")]
    clock.instant += timedelta(minutes=1)
    fresh = limiter.hit("three")

    assert [state and state.is_exceeded for state in states] == [False, False, None, None, True]
    assert fresh is not None
    assert len(lines(caplog, "more than 2 callers in a minute")) == 1


async def test_what_one_process_told_is_refused_in_the_other(url: str, clock: SetClock) -> None:
    caller = caller_of_this_test()
    async with two_processes(url, clock, per_minute=10) as (one, other):
        assert passed(one, caller, attempts=6) == 6
        await one.exchange()
        assert passed(other, caller, attempts=1) == 1
        await other.exchange()

        known_elsewhere = other.hit(caller)

        assert known_elsewhere is not None
        assert known_elsewhere.remaining == 2
        assert passed(other, caller, attempts=5) == 2


async def test_processes_agree_by_themselves_and_then_refuse_alike(url: str, clock: SetClock) -> None:
    caller = caller_of_this_test()
    async with two_processes(url, clock, per_minute=1_000) as (one, other):
        assert passed(one, caller, attempts=990) == 990

        await until_refused(other, caller)
        await until_refused(one, caller)

        assert passed(one, caller, attempts=5) + passed(other, caller, attempts=5) == 0


async def test_more_callers_than_one_exchange_carries_are_all_told(url: str, clock: SetClock) -> None:
    callers = [caller_of_this_test() for _ in range(1_200)]
    async with two_processes(url, clock, per_minute=3) as (one, other):
        for limiter in (one, other):
            for caller in callers:
                limiter.hit(caller)
            await limiter.exchange()

        states = [other.hit(caller) for caller in callers]

        assert {state.remaining for state in states if state} == {0}


async def test_without_redis_each_process_counts_alone_until_it_is_back(
    mortal_valkey: ValkeyServer, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_processes(mortal_valkey.url, clock, per_minute=1_000) as (one, other):
        mortal_valkey.stop()
        assert [passed(limiter, "somebody", attempts=1_010) for limiter in (one, other)] == [1_000, 1_000]
        await until_logged(caplog, "rate limits are counted by each process alone", times=2)

        mortal_valkey.start()
        assert wait_until(mortal_valkey.is_ready, seconds=30)
        assert passed(one, "somebody else", attempts=990) == 990
        await until_refused(other, "somebody else")
        await until_refused(one, "somebody else")

        assert passed(one, "somebody else", attempts=5) + passed(other, "somebody else", attempts=5) == 0
        async with asyncio.timeout(10):
            while len(lines(caplog, "rate limits are counted together again")) < 2:
                passed(one, caller_of_this_test(), attempts=1)
                passed(other, caller_of_this_test(), attempts=1)
                await asyncio.sleep(0.05)
    assert [len(lines(caplog, text)) for text in ("each process alone", "together again")] == [2, 2]

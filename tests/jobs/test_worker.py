"""The supervisor keeps jobs apart, in time, and ends in good order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from domain.settings.platform_settings import SETTINGS
from jobs.parts import Parts
from jobs.schedule import SCHEDULE, Job
from jobs.worker import REST_JITTER, REST_SECONDS, Worker, pause_seconds

Run = Callable[[Parts], Awaitable[None]]
LONGEST_REST = REST_SECONDS * (1 + REST_JITTER) + 0.05


class Counter:
    """A job that counts its runs, and lets a test wait for one."""

    def __init__(self, *, fails: bool = False) -> None:
        self.runs = 0
        self._fails = fails
        self._ran = asyncio.Condition()

    async def __call__(self, parts: Parts) -> None:
        async with self._ran:
            self.runs += 1
            self._ran.notify_all()
        if self._fails:
            raise RuntimeError("the vendor is away")

    async def reached(self, runs: int) -> None:
        async with asyncio.timeout(5), self._ran:
            await self._ran.wait_for(lambda: self.runs >= runs)


def job(run: Run, *, every: float = 3_600, rings: bool = False, leader: bool = False, limit: float = 60) -> Job:
    return Job(
        name=f"job_{id(run)}",
        run=run,
        every_seconds=every,
        wakes_on_ring=rings,
        has_one_leader=leader,
        limit_seconds=limit,
    )


@asynccontextmanager
async def working(parts: Parts, *jobs: Job, grace_seconds: float = 5) -> AsyncIterator[Worker]:
    worker = Worker(parts, jobs, grace_seconds=grace_seconds)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        async with asyncio.timeout(10):
            await running


async def test_a_job_runs_at_once_and_then_at_its_time(parts: Parts) -> None:
    often, seldom = Counter(), Counter()

    async with working(parts, job(often, every=0.02), job(seldom)):
        await often.reached(5)

    assert seldom.runs == 1


async def test_a_ring_wakes_only_those_that_wait_for_rows(parts: Parts) -> None:
    waiting, clocked = Counter(), Counter()

    async with working(parts, job(waiting, rings=True), job(clocked)) as worker:
        await waiting.reached(1)
        await clocked.reached(1)
        worker.wake()
        await waiting.reached(2)
        await asyncio.sleep(LONGEST_REST)

    assert (waiting.runs, clocked.runs) == (2, 1)


async def test_those_who_lead_leave_connections_to_what_they_do(parts: Parts) -> None:
    counter = Counter()

    def working_once() -> Run:
        async def run(parts: Parts) -> None:
            async with parts.unit_of_work("job.test") as uow:
                await uow.settings.get_for_update(SETTINGS["rate_stale_after_seconds"])
            await counter(parts)

        return run

    with capture_logs() as logs:
        async with working(parts, *(job(working_once(), leader=True) for _ in range(20))):
            await counter.reached(20)

    assert logs == []


async def test_a_ring_during_a_run_is_not_lost(parts: Parts) -> None:
    counter = Counter()
    gate = asyncio.Event()

    async def slow(parts: Parts) -> None:
        await counter(parts)
        await gate.wait()

    async with working(parts, job(slow, rings=True)) as worker:
        await counter.reached(1)
        worker.wake()
        gate.set()
        await counter.reached(2)


async def test_many_rings_are_a_few_runs_and_the_last_one_counts(parts: Parts) -> None:
    counter, clock = Counter(), asyncio.get_running_loop().time

    async with working(parts, job(counter, rings=True)) as worker:
        await counter.reached(1)
        began = clock()
        for _ in range(50):
            worker.wake()
            await asyncio.sleep(0.01)
        while_it_rang, took = counter.runs, clock() - began
        worker.wake()
        await counter.reached(while_it_rang + 1)

    assert while_it_rang <= 2 + took / (REST_SECONDS * (1 - REST_JITTER))


async def test_a_failing_job_is_told_and_the_others_go_on(parts: Parts) -> None:
    failing, healthy = Counter(fails=True), Counter()
    broken = job(failing, every=0.02)

    with capture_logs() as logs:
        async with working(parts, broken, job(healthy, every=0.02)):
            await failing.reached(3)
            await healthy.reached(3)

    told = [entry for entry in logs if entry["event"] == "job_failed"]
    assert len(told) == failing.runs
    assert {entry["job"] for entry in told} == {broken.name}


async def test_a_ring_does_not_hurry_a_failing_job(parts: Parts) -> None:
    failing = Counter(fails=True)

    async with working(parts, job(failing, rings=True)) as worker:
        await failing.reached(1)
        for _ in range(5):
            worker.wake()
            await asyncio.sleep(0.01)
        await asyncio.sleep(LONGEST_REST)

    assert failing.runs == 1


async def test_a_run_that_takes_too_long_is_cut_off_and_counts_as_failed(parts: Parts) -> None:
    cut = asyncio.Event()

    async def hangs(parts: Parts) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cut.set()

    with capture_logs() as logs:
        async with working(parts, job(hangs, limit=0.05)):
            await asyncio.wait_for(cut.wait(), 5)

    assert [entry["event"] for entry in logs] == ["job_failed"]


async def test_stopping_lets_a_run_end(parts: Parts) -> None:
    counter = Counter()
    ended: list[bool] = []

    async def unhurried(parts: Parts) -> None:
        await counter(parts)
        await asyncio.sleep(0.1)
        ended.append(True)

    async with working(parts, job(unhurried, every=0.01)):
        await counter.reached(1)

    assert (ended, counter.runs) == ([True], 1)


async def test_stopping_cuts_off_what_does_not_end(parts: Parts) -> None:
    counter = Counter()

    async def hangs(parts: Parts) -> None:
        await counter(parts)
        await asyncio.sleep(60)

    started = asyncio.get_running_loop().time()
    async with working(parts, job(hangs), grace_seconds=0.1):
        await counter.reached(1)

    assert asyncio.get_running_loop().time() - started < 5


async def test_of_two_workers_one_leads(parts: Parts) -> None:
    counter = Counter()
    gate = asyncio.Event()

    async def slow(parts: Parts) -> None:
        await counter(parts)
        await gate.wait()

    led = job(slow, every=0.02, leader=True)
    async with working(parts, led), working(parts, led):
        await counter.reached(1)
        await asyncio.sleep(0.2)
        runs_while_one_led = counter.runs
        gate.set()
        await counter.reached(2)

    assert runs_while_one_led == 1


@pytest.mark.parametrize(("failures", "seconds"), [(0, 10), (1, 20), (3, 80), (5, 300), (50, 300)])
def test_failures_in_a_row_double_the_pause_up_to_five_minutes(failures: int, seconds: float) -> None:
    paced = job(Counter(), every=10)

    for _ in range(20):
        assert 0.9 * seconds <= pause_seconds(paced, failures=failures) <= 1.1 * seconds


def test_a_slow_job_is_not_hurried_by_failing() -> None:
    assert pause_seconds(job(Counter(), every=3_600), failures=4) >= 3_240


def test_jobs_have_names_of_their_own() -> None:
    names = [entry.name for entry in SCHEDULE]

    assert len(set(names)) == len(names)

"""The supervisor: runs every job at its time and on a ring, keeps failures apart, stops in good order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import Final

import structlog

from jobs.parts import Parts
from jobs.schedule import Job

JITTER: Final = 0.1  # so that workers which were started together do not ask together for ever
BACKOFF_MAX_SECONDS: Final = 300.0
STOP_GRACE_SECONDS: Final = 10.0
# However often it rings, a job looks some five times a second, for what several commands left behind.
REST_SECONDS: Final = 0.2
REST_JITTER: Final = 0.5  # what was rung for together does not go on together
# Who leads holds a connection for as long as it does, beside the one that it works on; the pool has ten.
LEADING_MAX: Final = 4


class Worker:
    """All jobs of one process, each in a loop of its own."""

    def __init__(self, parts: Parts, jobs: Sequence[Job], *, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        assert jobs, "a worker has work"
        self._parts = parts
        self._jobs = jobs
        self._grace_seconds = grace_seconds
        self._stopping = asyncio.Event()
        self._leading = asyncio.Semaphore(LEADING_MAX)
        self._rung = {job.name: asyncio.Event() for job in jobs}
        self._log = structlog.get_logger("sokoni.jobs")

    async def run(self) -> None:
        """Work until `stop`; runs under way then have their grace to end, and are cut off after it."""
        loops = [asyncio.create_task(self._repeat(job), name=f"job {job.name}") for job in self._jobs]
        try:
            await self._stopping.wait()
            await asyncio.wait(loops, timeout=self._grace_seconds)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    def wake(self) -> None:
        """Something was committed: jobs that wait for rows look at once, or when their rest is over."""
        for job in self._jobs:
            if job.wakes_on_ring:
                self._rung[job.name].set()

    def hurry(self) -> None:
        """Time was moved on: every job looks as for a ring, for what was far off may be due."""
        for rung in self._rung.values():
            rung.set()

    def stop(self) -> None:
        """Start nothing more."""
        self._stopping.set()
        for rung in self._rung.values():
            rung.set()

    async def _repeat(self, job: Job) -> None:
        failures = 0
        while not self._stopping.is_set():
            # Cleared before the run, so that a ring during it is not lost.
            self._rung[job.name].clear()
            failures = 0 if await self._run_once(job) else failures + 1
            rest = REST_SECONDS * random.uniform(1 - REST_JITTER, 1 + REST_JITTER)
            await self._rest(rest)
            # A job that fails is not to be hurried: rings wait until its pause is over.
            awaited = self._stopping if failures else self._rung[job.name]
            with suppress(TimeoutError):
                pause = pause_seconds(job, failures=failures)
                await asyncio.wait_for(awaited.wait(), max(0.0, pause - rest))

    async def _rest(self, seconds: float) -> None:
        """Unless it stops before."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _run_once(self, job: Job) -> bool:
        """Whether it went well; a failure is told in the log and nowhere else."""
        try:
            async with self._leading if job.has_one_leader else nullcontext(), asyncio.timeout(job.limit_seconds):
                if not job.has_one_leader:
                    await job.run(self._parts)
                    return True
                async with self._parts.lead(job.name) as is_leading:
                    if is_leading:
                        await job.run(self._parts)
        except Exception:
            self._log.exception("job_failed", job=job.name)
            return False
        return True


def pause_seconds(job: Job, *, failures: int) -> float:
    """Until the next run: the job's cadence, doubled with every failure in a row up to five minutes."""
    backed_off = min(job.every_seconds * 2.0 ** min(failures, 16), max(job.every_seconds, BACKOFF_MAX_SECONDS))
    return backed_off * random.uniform(1 - JITTER, 1 + JITTER)

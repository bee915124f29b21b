"""A limit on time that costs nothing to those who need none, and hardly anything to those who keep within it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from functools import partial
from typing import Any, Generic, TypeVar

A = TypeVar("A")


class TimeLimit:
    """So many seconds for each piece of work. One clock is set for all that is under way, by the oldest of it: a timer
    each would cost a request more than its context.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[_Wait, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def within(self, work: Awaitable[A]) -> A:
        """What `work` gives, which nobody awaited yet. Most answers have nothing to wait for, and need no limit.

        Raises:
            TimeoutError: it took longer, and was cancelled.
        """
        steps = work.__await__()
        try:
            waiting_for = next(steps)
        except StopIteration as done:
            found: A = done.value
            return found
        wait = self._begun()
        try:
            found = await _Rest(steps, waiting_for)
        except BaseException as raised:
            if self._ended(wait) and isinstance(raised, asyncio.CancelledError):
                raise TimeoutError from raised
            raise
        self._ended(wait)
        return found

    def _begun(self) -> _Wait:
        task = asyncio.current_task()
        assert task is not None, "only tasks wait"
        loop = task.get_loop()
        if loop is not self._loop:  # a limit outlives its loop in a process that runs one after the other
            self._loop, self._timer, self._open = loop, None, {}
        wait = _Wait(task, loop.time() + self._seconds)
        self._open[wait] = None
        if self._timer is None:
            self._timer = loop.call_at(wait.deadline, self._strike, loop)
        return wait

    def _ended(self, wait: _Wait) -> bool:
        """Whether it was cancelled because its time was over, and by nobody else."""
        if wait in self._open:
            del self._open[wait]
            return False
        return wait.task.uncancel() <= wait.cancelled_before

    def _strike(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is over its time, and look again when the next may be."""
        self._timer = None
        now = loop.time()
        while self._open:
            oldest = next(iter(self._open))
            if oldest.deadline > now:
                self._timer = loop.call_at(oldest.deadline, self._strike, loop)
                return
            del self._open[oldest]
            oldest.task.cancel()


class _Wait:
    """A piece of work under way."""

    __slots__ = ("cancelled_before", "deadline", "task")

    def __init__(self, task: asyncio.Task[Any], deadline: float) -> None:
        self.task, self.deadline = task, deadline
        self.cancelled_before = task.cancelling()


class _Rest(Generic[A]):
    """A coroutine that was begun by hand, from what it waits for to its end."""

    def __init__(self, steps: Generator[Any, Any, A], waiting_for: Any) -> None:
        self._steps, self._waiting_for = steps, waiting_for

    def __await__(self) -> Generator[Any, Any, A]:
        waiting_for = self._waiting_for
        while True:
            try:
                sent = yield waiting_for
            except BaseException as raised:
                step = partial(self._steps.throw, raised)
            else:
                step = partial(self._steps.send, sent)
            try:
                waiting_for = step()
            except StopIteration as done:
                found: A = done.value
                return found

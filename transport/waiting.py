"""A limit on time that costs nothing to those who need none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from functools import partial
from typing import Any, Generic, TypeVar

A = TypeVar("A")


async def within(seconds: float, work: Awaitable[A]) -> A:
    """What `work` gives, which nobody awaited yet. A clock is set only when it has to wait for something, which most
    answers do not.

    Raises:
        TimeoutError: it took longer, and was cancelled.
    """
    steps = work.__await__()
    try:
        waiting_for = next(steps)
    except StopIteration as done:
        found: A = done.value
        return found
    async with asyncio.timeout(seconds):
        return await _Rest(steps, waiting_for)


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

"""A sink that is read item by item."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Self, TypeVar

R = TypeVar("R")


class ItemQueue(Generic[R]):
    """Filled without waiting, emptied by one reader. How much is in it is for whoever fills it to mind."""

    def __init__(self) -> None:
        self._items: deque[R] = deque()
        self._has_ended = False
        self._something, self._nothing = asyncio.Event(), asyncio.Event()
        self._nothing.set()

    @property
    def waiting(self) -> int:
        """Items that were not read yet."""
        return len(self._items)

    def next(self, item: R, cursor: str) -> None:  # noqa: ARG002  # items carry their own
        """One more."""
        self._items.append(item)
        self._something.set()
        self._nothing.clear()

    def end(self) -> None:
        """Nothing follows; what is left can still be read."""
        self._has_ended = True
        self._something.set()

    async def emptied(self) -> None:
        """Return when everything was read."""
        await self._nothing.wait()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        while not self._items:
            self._nothing.set()
            if self._has_ended:
                raise StopAsyncIteration
            self._something.clear()
            await self._something.wait()
        return self._items.popleft()

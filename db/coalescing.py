"""Reads of many requests in one call: what is asked within one turn of the event loop is answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from contextvars import Context
from typing import Any, Final, Generic, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PATIENCE_SECONDS: Final = 0.005
"""How long keys gather at most, unless said otherwise, because a call for others is under way."""
KEYS_MAX: Final = 1_000

Call: TypeAlias = Callable[[list[K]], Awaitable[Mapping[K, V]]]


class Coalescing:
    """Gathers the keys that are asked for of one thing, and has them answered by one call.

    A call begins after everybody who shares it has asked, so each of them sees all that was committed when they did:
    whoever comes once it has begun waits for the next. While one is under way the next gathers, so that the busier a
    process is the more share one call, and nobody waits when it is idle. Nobody is given more than their own keys. Who
    gives up does so for nobody else; once all of them have, the call is cancelled.
    """

    def __init__(
        self, *, keys_max: int = KEYS_MAX, patience_seconds: float = PATIENCE_SECONDS, rest_seconds: float = 0.0
    ) -> None:
        self._keys_max, self._patience_seconds, self._rest_seconds = keys_max, patience_seconds, rest_seconds
        self._gathering: dict[Hashable, _Gathering[Any, Any]] = {}
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def answers(self, thing: Hashable, keys: Collection[K], call: Call[K, V]) -> dict[K, V]:
        """The answers to these keys, as far as there are any. Calls for one `thing` do the same.

        Raises:
            Exception: whatever the call raised, to each of those who shared it.
        """
        gathering = self._gathering.get(thing) or self._begin(thing, call)
        gathering.keys.update(dict.fromkeys(keys))
        if len(gathering.keys) >= self._keys_max:
            self._send(gathering)
        waiter: asyncio.Future[Mapping[K, V]] = gathering.loop.create_future()
        gathering.waiters.append(waiter)
        try:
            found = await waiter
        except asyncio.CancelledError:
            gathering.leave()
            raise
        return {key: found[key] for key in keys if key in found}

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, thing: Hashable, call: Call[K, V]) -> _Gathering[K, V]:
        gathering = self._gathering[thing] = _Gathering(thing, call)
        if thing in self._under_way:
            gathering.loop.call_later(self._patience_seconds, self._send, gathering)
        else:
            gathering.loop.call_soon(self._send, gathering)
        return gathering

    def _send(self, gathering: _Gathering[Any, Any]) -> None:
        if self._gathering.get(gathering.thing) is not gathering:
            return  # it was sent already
        del self._gathering[gathering.thing]
        # It is done for all of them, so it runs in nobody's context and ends with nobody's request.
        task = gathering.task = gathering.loop.create_task(self._answer(gathering), context=Context())
        self._under_way[gathering.thing] = task
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _answer(self, gathering: _Gathering[K, V]) -> None:
        thing = gathering.thing
        try:
            await gathering.answer()
        finally:
            if self._under_way.get(thing) is asyncio.current_task():
                del self._under_way[thing]
            following = self._gathering.get(thing)
            if following is not None:
                self._send_after_rest(following)

    def _send_after_rest(self, gathering: _Gathering[Any, Any]) -> None:
        if self._rest_seconds:
            gathering.loop.call_later(self._rest_seconds, self._send, gathering)
        else:
            self._send(gathering)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)


class _Gathering(Generic[K, V]):
    """The keys of one call and who waits for it."""

    __slots__ = ("call", "keys", "left_count", "loop", "task", "thing", "waiters")

    def __init__(self, thing: Hashable, call: Call[K, V]) -> None:
        self.thing, self.call = thing, call
        self.keys: dict[K, None] = {}
        self.waiters: list[asyncio.Future[Mapping[K, V]]] = []
        self.left_count = 0
        self.task: asyncio.Task[None] | None = None
        self.loop = asyncio.get_running_loop()

    def leave(self) -> None:
        """One of those who wait has given up."""
        self.left_count += 1
        if self.task is not None and self.left_count == len(self.waiters):
            self.task.cancel()

    async def answer(self) -> None:
        """Call, and tell everybody who still waits."""
        if all(waiter.done() for waiter in self.waiters):
            return
        try:
            found = await self.call(list(self.keys))
        except Exception as fault:
            for waiter in self._waiting():
                waiter.set_exception(_own(fault))
        except BaseException:
            for waiter in self._waiting():
                waiter.cancel()
            raise
        else:
            for waiter in self._waiting():
                waiter.set_result(found)

    def _waiting(self) -> list[asyncio.Future[Mapping[K, V]]]:
        return [waiter for waiter in self.waiters if not waiter.done()]


def _own(fault: Exception) -> Exception:
    """A copy for each: whoever raises an exception writes their own way into it."""
    own = type(fault).__new__(type(fault), *fault.args)
    vars(own).update(vars(fault))
    own.__cause__ = fault
    return own

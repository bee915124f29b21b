"""Hot reads on the raw driver: connections of their own, each statement prepared once on each, no transactions."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from db.coalescing import Coalescing
from db.statements import ByKey, K, R, Statement
from domain.errors import Overloaded

PREPARED_MAX: Final = 200
CLOSE_SECONDS: Final = 5.0
# What a connection from before a restart or a migration ends with, where a new one succeeds.
WORN_OUT: Final = (
    ConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.PostgresConnectionError,
)
NO_VALUES: Final[Mapping[str, object]] = MappingProxyType({})

DriverConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connect: TypeAlias = Callable[[], Awaitable[DriverConnection]]


class ReadPool:
    """At most `size` connections. Each statement takes one for as long as it runs and sees what is committed then.

    Whoever finds all of them taken waits `wait_seconds` at most. A statement that finds its connection dead is run once
    more on a new one: it reads and nothing else, so that does no harm.
    """

    def __init__(self, connect: Connect, *, size: int, wait_seconds: float) -> None:
        self._connect, self._size, self._wait_seconds = connect, size, wait_seconds
        self._idle: list[_Reading] = []
        self._waiting: deque[asyncio.Future[_Reading | None]] = deque()
        self._opened = 0
        self._is_closed = False
        self._coalescing = Coalescing()

    async def fetch(self, statement: Statement[R], values: Mapping[str, object] = NO_VALUES) -> list[R]:
        """The rows of a statement; `values` are those of its parameters, by their names.

        Raises:
            Overloaded: no connection became free in time.
        """
        arguments = statement.arguments(values)
        try:
            return await self._fetch(statement, arguments)
        except WORN_OUT:
            self._end_idle()  # they are as old as the one that failed
            return await self._fetch(statement, arguments)

    async def fetch_together(self, statement: Statement[R], values: Mapping[str, object] = NO_VALUES) -> Sequence[R]:
        """The same, run once for all who ask for it with the same values in the same turn of the event loop.

        The values have to be hashable, and named in one order. Rows are shared, so nobody may change what is answered.

        Raises:
            Overloaded: no connection became free in time.
        """

        async def call(_: object) -> dict[None, list[R]]:
            return {None: await self.fetch(statement, values)}

        return (await self._coalescing.answers((statement, *values.values()), (None,), call))[None]

    async def fetch_by_key(self, statement: ByKey[K, R], keys: Collection[K]) -> dict[K, list[R]]:
        """The rows of each key that has any, in one statement with the keys that others ask for in the same turn.

        Raises:
            Overloaded: no connection became free in time.
        """

        async def call(gathered: list[K]) -> dict[K, list[R]]:
            return statement.by_key(await self.fetch(statement, {statement.keys: gathered}))

        return await self._coalescing.answers(statement, keys, call)

    async def close(self) -> None:
        """Give every connection back to the server; those in use as soon as their statement ends."""
        self._is_closed = True
        await self._coalescing.close()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(reading.connection.close(timeout=CLOSE_SECONDS) for reading in idle))

    async def _fetch(self, statement: Statement[R], arguments: list[object]) -> list[R]:
        reading = await self._take()
        try:
            rows = await reading.fetch(statement, arguments)
        except BaseException as error:
            # After a refusal of the server the connection is sound; after anything else nobody knows what is under way.
            if isinstance(error, asyncpg.PostgresError) and not isinstance(error, WORN_OUT):
                self._give_back(reading)
            else:
                self._end(reading)
            raise
        self._give_back(reading)
        return rows

    async def _take(self) -> _Reading:
        while True:
            while self._idle:
                reading = self._idle.pop()
                if not reading.connection.is_closed():
                    return reading
                self._opened -= 1
            if self._opened < self._size:
                return await self._open()
            if (passed := await self._turn()) is not None:
                return passed

    async def _open(self) -> _Reading:
        self._opened += 1
        try:
            return _Reading(await self._connect())
        except BaseException:
            self._opened -= 1
            self._pass_on(None)
            raise

    async def _turn(self) -> _Reading | None:
        """A connection that somebody gave back; None where one was ended, so that another may be opened."""
        turn: asyncio.Future[_Reading | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came when nobody waited any more
                self._return(turn.result())
            if isinstance(error, TimeoutError):
                raise Overloaded from None
            raise

    def _return(self, passed: _Reading | None) -> None:
        if passed is None:
            self._pass_on(None)
        else:
            self._give_back(passed)

    def _give_back(self, reading: _Reading) -> None:
        if self._is_closed:
            self._end(reading)
        elif self._waiting:
            self._pass_on(reading)
        else:
            self._idle.append(reading)

    def _pass_on(self, reading: _Reading | None) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(reading)
                return
        if reading is not None:
            self._idle.append(reading)

    def _end(self, reading: _Reading) -> None:
        reading.connection.terminate()
        self._opened -= 1
        self._pass_on(None)

    def _end_idle(self) -> None:
        while self._idle:
            self._end(self._idle.pop())


class _Reading:
    """One connection and what is prepared on it."""

    __slots__ = ("_prepared", "connection")

    def __init__(self, connection: DriverConnection) -> None:
        self.connection = connection
        self._prepared: dict[Statement[Any], PreparedStatement[Any]] = {}

    async def fetch(self, statement: Statement[Any], arguments: list[object]) -> list[Any]:
        prepared = self._prepared.get(statement)
        if prepared is None:
            if len(self._prepared) >= PREPARED_MAX:
                del self._prepared[next(iter(self._prepared))]
            prepared = await self.connection.prepare(statement.text, record_class=statement.record)
            self._prepared[statement] = prepared
        return await prepared.fetch(*arguments)

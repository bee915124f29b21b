"""One transaction on one connection: statements on the driver itself, and the mapper's session where entities load.

Both work on the same connection, so what either wrote is committed together or not at all. The session never begins
or ends anything: its connection is in autocommit, and the transaction around it is the driver's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from db.changes import Note, NotedSession, ignore
from db.engine import Database
from db.prepared import prepare_all
from domain.errors import ConcurrentChange

A = TypeVar("A")
# Serialization failure, deadlock, lock not available, statement cancelled by its time limit.
_MEETINGS: Final = frozenset({"40001", "40P01", "55P03", "57014"})


class Transaction:
    """Between `begin` and `commit`; what is closed without a commit leaves nothing behind.

    `note` hears of every change that the session is about to write.
    """

    driver: asyncpg.Connection[asyncpg.Record]

    def __init__(self, database: Database, *, note: Note = ignore) -> None:
        self._database = database
        self._note = note
        self._pooled: Any = None
        self._is_open = False

    async def begin(self, first: str = "") -> str:
        """Take a connection and begin, with a first statement in the same message; answers its outcome.

        Raises:
            ConcurrentChange: no connection became free in time.
        """
        try:
            self._pooled = await self._database.engine.raw_connection()
        except PoolTimeout as fault:
            raise ConcurrentChange from fault
        self.driver = self._pooled.driver_connection
        self._is_open = True
        await prepare_all(self._pooled)
        return await self.driver.execute(f"begin; {first}")

    async def flush(self) -> None:
        """Write what the session has not written yet."""
        if self.has_session:
            await self.session.flush()

    async def commit(self, last: str = "") -> None:
        """Keep everything, with a last statement in the same message."""
        await self.flush()
        outcome = await _to_its_end(self.driver.execute(f"{last}; commit"))
        self._is_open = False
        # PostgreSQL answers so, and raises nothing, where a statement failed and somebody went on regardless.
        assert outcome == "COMMIT", "a transaction in which a statement failed is not committed"

    async def close(self) -> None:
        """Give the connection back, rolled back unless it was committed."""
        if self._is_open:
            await self._roll_back()
        if self.has_session:
            await self.session.close()
        if self._pooled is not None:
            self._pooled.close()

    async def __aenter__(self) -> Self:
        try:
            await self.begin()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def has_session(self) -> bool:
        """Whether anybody asked for the session."""
        return "session" in self.__dict__

    @cached_property
    def session(self) -> AsyncSession:
        """The mapper's session on this connection."""
        engine = self._database.engine
        joined = Connection(engine.sync_engine, self._pooled).execution_options(isolation_level="AUTOCOMMIT")
        return AsyncSession(
            AsyncConnection(engine, joined),
            sync_session_class=NotedSession,
            expire_on_commit=False,
            autoflush=False,
            info={"note": self._note},
        )

    async def _roll_back(self) -> None:
        self._is_open = False
        try:
            await self.driver.execute("rollback")
        except BaseException as fault:
            # Whether it is in a transaction is not known any more, so nobody else may have it. The server rolls back.
            if self._pooled.is_valid:  # the session may have given it up already
                self._pooled.invalidate()
            self._pooled = None
            if not isinstance(fault, Exception):
                raise


async def _to_its_end(doing: Awaitable[A]) -> A:
    """What comes of it, even where whoever waits is told to stop: a commit under way may be done already, and then
    it is answered.
    """
    task = asyncio.ensure_future(doing)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise


def raise_as_domain_error(fault: BaseException) -> None:
    """Commands that met are a refusal to the later one, not a fault of the server: on rows, or for a connection."""
    if isinstance(fault, StaleDataError | IntegrityError | asyncpg.IntegrityConstraintViolationError):
        raise ConcurrentChange from fault
    state = getattr(fault.orig if isinstance(fault, DBAPIError) else fault, "sqlstate", None)
    if state in _MEETINGS:
        raise ConcurrentChange from fault

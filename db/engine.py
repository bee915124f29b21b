"""The connection pool and the sessions that are taken from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

STATEMENT_TIMEOUT_MS: Final = 10_000
LOCK_TIMEOUT_MS: Final = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS: Final = 15_000

Connection: TypeAlias = AsyncConnection
"""A connection to read or write on, for the floors that do not know the driver."""


class Database:
    """One pool of one process. Reads are short and each takes its own connection; a command holds one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; each statement sees what is committed when it starts."""
        async with self._reading.connect() as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements all see one and the same instant; it writes nothing."""
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection with a transaction around it, for the relay and for jobs over rows."""
        async with self.engine.begin() as connection:
            yield connection

    async def ping(self) -> None:
        """Raises when the server does not answer."""
        async with self.read() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.engine.dispose()


def open_database(url: str, *, pool_size: int = 10, application_name: str = "sokoni") -> Database:
    """A pool for `url` (`postgresql+asyncpg://…`); connects on first use.

    Time limits are set by the server so that they hold also when this process hangs.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,  # the text of a failed statement goes to the log, and its values are people's
        connect_args={
            "server_settings": {
                "application_name": application_name,
                "timezone": "UTC",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
            }
        },
    )
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    return Database(engine)


def _replace_closed(adapted: Any, record: object, pooled: object) -> None:
    """A connection that the server ended is replaced before anybody uses it; asking the server costs a round trip."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError

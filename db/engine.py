"""The connection pools and the sessions that are taken from them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.lanes import Lanes
from db.read_pool import Connect, DriverConnection, ReadPool

WAIT_SECONDS: Final = 5.0
STATEMENT_TIMEOUT_MS: Final = 10_000
LOCK_TIMEOUT_MS: Final = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS: Final = 15_000
ANSWER_TIMEOUT_SECONDS: Final = 15.0  # beyond the server's own limits: it is gone without a word

Connection: TypeAlias = AsyncConnection
"""A connection to read or write on, for the floors that do not know the driver."""


class Database:
    """The connections of one process. Reads are short and each takes its own; a command holds one.

    What is read all the time goes through `reads`, which knows nothing but statements that were compiled once.
    """

    def __init__(self, engine: AsyncEngine, reads: ReadPool, lanes: Lanes) -> None:
        self.engine = engine
        self.reads = reads
        self.lanes = lanes
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
        await self.reads.close()
        await self.engine.dispose()


def open_database(
    url: str, *, pool_size: int = 10, wait_seconds: float = WAIT_SECONDS, application_name: str = "sokoni"
) -> Database:
    """Pools for `url` (`postgresql+asyncpg://…`): `pool_size` connections, and half as many for hot reads.

    Connects on first use. Whoever finds every connection taken waits `wait_seconds`. Time limits of statements are set
    by the server, so that they hold also when this process hangs.
    """
    settings = {
        "application_name": application_name,
        "timezone": "UTC",
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
    }
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=wait_seconds,
        hide_parameters=True,  # the text of a failed statement goes to the log, and its values are people's
        connect_args={"server_settings": settings},
    )
    event.listen(engine.sync_engine, "checkout", _replace_closed)
    reads = ReadPool(connector(make_url(url), settings), size=(pool_size + 1) // 2, wait_seconds=wait_seconds)
    return Database(engine, reads, Lanes(connections=pool_size, wait_seconds=wait_seconds))


def connector(url: URL, settings: dict[str, str]) -> Connect:
    """Opens a connection of the raw driver to where the engine of the same URL connects, for reading only."""
    _, options = url.get_dialect()().create_connect_args(url)
    # These two are for SQLAlchemy, which looks after its prepared statements itself.
    for name in ("prepared_statement_cache_size", "prepared_statement_name_func"):
        options.pop(name, None)
    reading = {**settings, "default_transaction_read_only": "on"}
    # A server behind a socket file cannot vanish without a word, and a timer for every statement has its price.
    timeout = None if str(options.get("host", "")).startswith("/") else ANSWER_TIMEOUT_SECONDS

    async def connect() -> DriverConnection:
        connection: DriverConnection = await asyncpg.connect(
            **options, server_settings=reading, command_timeout=timeout
        )
        # Instants stay numbers: a datetime each costs more than all else of a row, and hardly one is calculated with.
        await connection.set_builtin_type_codec("timestamptz", schema="pg_catalog", codec_name="int8")
        return connection

    return connect


def _replace_closed(adapted: Any, record: object, pooled: object) -> None:
    """A connection that the server ended is replaced before anybody uses it; asking the server costs a round trip."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError

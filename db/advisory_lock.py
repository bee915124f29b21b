"""One leader at a time: session locks that end with the connection that holds them."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from db.transaction import Transaction


def lock_number(name: str) -> int:
    """The number PostgreSQL knows a named lock by."""
    return zlib.crc32(f"sokoni:{name}".encode())


async def try_lock(connection: AsyncConnection, name: str) -> bool:
    """Take the lock unless somebody holds it; it lasts as long as the connection."""
    return bool(await connection.scalar(text("select pg_try_advisory_lock(:number)"), {"number": lock_number(name)}))


@asynccontextmanager
async def leadership(database: Database, name: str) -> AsyncIterator[AsyncConnection | None]:
    """A connection that holds the lock, or None when another process leads.

    The lock ends with the connection, so a killed leader is replaced as soon as the server notices.
    """
    async with database.read() as connection:
        if not await try_lock(connection, name):
            yield None
            return
        try:
            yield connection
        except BaseException:
            # Unlocking a broken connection would raise in place of what ended the block, a cancellation even.
            await connection.invalidate()
            raise
        await connection.scalar(text("select pg_advisory_unlock(:number)"), {"number": lock_number(name)})


async def take_turn(transaction: Transaction, name: str) -> None:
    """Wait for the lock, which lasts until the transaction ends; commands of one name run one after another."""
    await transaction.driver.fetch("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"sokoni:turn:{name}")

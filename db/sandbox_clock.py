"""How far a sandbox is ahead of its machine: one row, kept beside the data whose times it explains."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from db.tables.sandbox import sandbox_clock
from domain.clock import ClockAdvance

_ROW: Final = 1

log = structlog.get_logger("sokoni.sandbox")


async def read_advance(connection: AsyncConnection) -> ClockAdvance | None:
    """The latest advance, which may be about to begin; None where the clock was never moved."""
    row = (await connection.execute(select(sandbox_clock))).first()
    if row is None:
        return None
    return ClockAdvance(
        ahead=timedelta(seconds=row.ahead_seconds),
        before=timedelta(seconds=row.before_seconds),
        begins_at=row.begins_at,
    )


async def find_advance(database: Database) -> ClockAdvance | None:
    """The same for who serves without a database as well: None where it does not answer, or is not prepared."""
    try:
        async with database.read() as connection:
            return await read_advance(connection)
    except (OSError, SQLAlchemyError) as fault:
        log.warning("house_time_not_read", why=type(fault).__name__)
        return None


async def write_advance(connection: AsyncConnection, advance: ClockAdvance) -> None:
    """Put it in the place of the one before. Whoever writes leads: two advances at once would lose one."""
    values = {
        "ahead_seconds": int(advance.ahead.total_seconds()),
        "before_seconds": int(advance.before.total_seconds()),
        "begins_at": advance.begins_at,
    }
    row = insert(sandbox_clock).values(id=_ROW, **values)
    await connection.execute(row.on_conflict_do_update(index_elements=[sandbox_clock.c.id], set_=values))

"""What is known of stored files, for show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.uploads import uploads
from domain.ids import UserId


def stored(owner_id: UserId, *, since: datetime) -> Select[Any]:
    """How many of a person's files were stored after this instant, as a statement."""
    return select(func.count()).where(uploads.c.owner_id == owner_id, uploads.c.stored_at > since)


async def stored_since(connection: AsyncConnection, owner_id: UserId, since: datetime) -> int:
    """How many of a person's files were stored after this instant."""
    return await connection.scalar(stored(owner_id, since=since)) or 0

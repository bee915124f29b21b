"""What is known of stored files, for show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.uploads import uploads
from domain.ids import UserId
from domain.uploads import UploadPurpose


def stored(owner_id: UserId, *, since: datetime, purpose: UploadPurpose) -> Select[Any]:
    """How many of a person's files for this purpose were stored after this instant, as a statement."""
    columns = uploads.c
    return select(func.count()).where(
        columns.owner_id == owner_id, columns.stored_at > since, columns.purpose == purpose
    )


async def stored_since(
    connection: AsyncConnection, owner_id: UserId, since: datetime, *, purpose: UploadPurpose
) -> int:
    """How many of a person's files for this purpose were stored after this instant."""
    return await connection.scalar(stored(owner_id, since=since, purpose=purpose)) or 0

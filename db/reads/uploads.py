"""What is known of stored files, for show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.uploads import uploads
from domain.ids import UploadId, UserId
from domain.uploads import Upload, UploadPurpose


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


async def uploads_by_ids(connection: AsyncConnection, ids: Collection[UploadId]) -> dict[UploadId, Upload]:
    """What is known of files, whoever's they are."""
    rows = await connection.execute(select(uploads).where(uploads.c.id.in_(ids)))
    return {row.id: Upload(**{column.name: row._mapping[column] for column in uploads.c}) for row in rows}

"""What changed for a person since a device asked last."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnClause, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.sync import sync_marks
from domain.ids import UserId
from domain.tips.offline_sync import SyncMark, SyncPlace

# Transactions below this one have ended, and none of them can still bring anything: what is read in their order is
# whole, though they did not commit in it. A later reader begins where this one ended and misses nothing.
_ALL_ENDED_BELOW: Final[ColumnClause[int]] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def changes_since(
    connection: AsyncConnection, user_id: UserId, *, after: SyncPlace, limit: int
) -> list[SyncMark]:
    """At most `limit` of what changed behind a place, in the order of change; each thing once, at its last change."""
    marks = sync_marks.c
    behind = (
        select(marks.kind, marks.subject_id, marks.changed_in)
        .where(
            marks.user_id == user_id,
            tuple_(marks.changed_in, marks.subject_id) > tuple_(after.changed_in, after.subject_id),
            marks.changed_in < _ALL_ENDED_BELOW,
        )
        .order_by(marks.changed_in, marks.subject_id)
        .limit(limit)
    )
    return [
        SyncMark(kind=row.kind, place=SyncPlace(row.changed_in, UUID(str(row.subject_id))))
        for row in await connection.execute(behind)
    ]

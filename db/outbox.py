"""The outbox: events are appended by the transaction that caused them and read by the relay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.outbox import outbox
from domain.events import Event
from domain.ids import new_id
from domain.plain import to_plain


async def append(session: AsyncSession, events: Sequence[Event], *, actor: str, request_id: str, at: datetime) -> None:
    """Write events in the order they were emitted, in the caller's transaction."""
    rows = [
        {
            "event_id": new_id(),
            "name": event.name,
            "version": event.version,
            "subject": event.subject,
            "body": to_plain(event),
            "actor": actor,
            "request_id": request_id,
            "at": at,
        }
        for event in events
    ]
    await session.execute(insert(outbox), rows)

"""The outbox: events are left there by the transaction that caused them and worked through, in order, by the relay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, select, text

from db.engine import Connection
from db.tables.outbox import outbox
from domain.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event as it was committed."""

    id: int
    event_id: UUID
    name: str
    version: int
    subject: str
    body: dict[str, Plain]
    request_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the relay is behind: events waiting, and the age of the oldest."""

    waiting: int
    oldest_seconds: float


@asynccontextmanager
async def atomic(connection: Connection) -> AsyncIterator[None]:
    """One transaction on a connection whose statements otherwise stand alone, such as a leader's."""
    await connection.exec_driver_sql("begin")
    try:
        yield
    except BaseException:
        await connection.exec_driver_sql("rollback")
        raise
    await connection.exec_driver_sql("commit")


async def waiting(connection: Connection, *, limit: int) -> list[StoredEvent]:
    """The oldest events that were not relayed yet.

    Never asked as "after the last id": ids are drawn before the commit, so a smaller one may surface late.
    """
    is_waiting = outbox.c.relayed_at.is_(None) & outbox.c.parked_at.is_(None)
    rows = await connection.execute(stored_events().where(is_waiting).order_by(outbox.c.id).limit(limit))
    return [stored_event(row) for row in rows]


async def unnumbered(connection: Connection, *, limit: int) -> frozenset[UUID]:
    """The events, the oldest first, that are committed but have no positions yet."""
    is_waiting = outbox.c.relayed_at.is_(None) & outbox.c.parked_at.is_(None) & outbox.c.numbered_at.is_(None)
    rows = await connection.execute(select(outbox.c.event_id).where(is_waiting).order_by(outbox.c.id).limit(limit))
    return frozenset(row.event_id for row in rows)


async def mark_relayed(connection: Connection, ids: Collection[int], *, at: datetime) -> None:
    """These are done. The mark need not survive a crash: without it they are published again at their positions."""
    await connection.execute(_MARK_RELAYED, {"ids": list(ids), "at": at})


async def note_failure(connection: Connection, outbox_id: int, *, at: datetime, attempts_max: int) -> bool:
    """Count a failed attempt; at the last one the event is parked, out of the others' way. True when it was."""
    parked = await connection.scalar(_NOTE_FAILURE, {"id": outbox_id, "at": at, "attempts_max": attempts_max})
    return bool(parked)


async def lag(connection: Connection, *, now: datetime) -> Lag:
    """How far behind the relay is at `now`; parked events do not count."""
    row = (await connection.execute(_LAG)).one()
    return Lag(row.waiting, max(0.0, (now - row.oldest).total_seconds()) if row.oldest else 0.0)


def stored_events() -> Select[tuple[int, UUID, str, int, str, dict[str, Plain], str, datetime]]:
    """The columns that `stored_event` reads."""
    c = outbox.c
    return select(c.id, c.event_id, c.name, c.version, c.subject, c.body, c.request_id, c.at)


def stored_event(row: Row[*tuple[object, ...]]) -> StoredEvent:
    """A row of `stored_events` as what it is."""
    return StoredEvent(
        id=row.id,
        event_id=row.event_id,
        name=row.name,
        version=row.version,
        subject=row.subject,
        body=row.body,
        request_id=row.request_id,
        at=row.at,
    )


_MARK_RELAYED: Final = text(
    """
    with unhurried as materialized (select set_config('synchronous_commit', 'off', true))
    update outbox set relayed_at = :at from unhurried where id = any(cast(:ids as bigint[]))
    """
)
_NOTE_FAILURE: Final = text(
    """
    update outbox
    set failures = failures + 1, parked_at = case when failures + 1 >= :attempts_max then cast(:at as timestamptz) end
    where id = :id
    returning parked_at is not null
    """
)
_LAG: Final = text(
    "select count(*) as waiting, min(at) as oldest from outbox where relayed_at is null and parked_at is null"
)

"""Streams: gapless positions of events per wallet, listing, feed and person, and the log that is read back by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from db.engine import Connection
from db.outbox import StoredEvent, stored_event, stored_events
from db.tables.outbox import outbox, stream_positions, streams

UNBORN: Final = UUID(int=0)
"""The epoch of a stream that nothing was ever published in."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a stream. Offsets count from 1 without a hole within an epoch; 0 is before the first event."""

    stream: str
    epoch: UUID
    offset: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An event at the position it has in one of its streams."""

    outbox_id: int
    position: Position


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event read back from a stream."""

    position: Position
    event: StoredEvent


async def number(connection: Connection, routes: Sequence[tuple[int, str]], *, at: datetime) -> list[Placed]:
    """Give each (outbox id, stream) the next position of its stream, in the order given.

    What has its positions already, from an attempt that was cut short, keeps them: safe to repeat.
    """
    if not routes:
        return []
    ids, names = [outbox_id for outbox_id, _ in routes], [stream for _, stream in routes]
    rows = await connection.execute(_NUMBER, {"ids": ids, "streams": names, "at": at})
    return [Placed(row.outbox_id, Position(row.stream, row.epoch, row.position)) for row in rows]


async def head(connection: Connection, stream: str) -> Position:
    """The position of the stream's newest event."""
    row = (await connection.execute(select(streams.c.epoch, streams.c.head).where(streams.c.name == stream))).first()
    return Position(stream, row.epoch, row.head) if row else Position(stream, UNBORN, 0)


async def read_after(connection: Connection, position: Position, *, limit: int) -> list[LogEntry]:
    """The events of the stream after `position`, oldest first, as far as the log still holds them."""
    at = stream_positions.c
    rows = await connection.execute(
        stored_events()
        .add_columns(at.position, streams.c.epoch)
        .join_from(stream_positions, outbox, outbox.c.id == at.outbox_id)
        .join(streams, streams.c.name == at.stream)
        .where(at.stream == position.stream, at.position > position.offset)
        .order_by(at.position)
        .limit(limit)
    )
    return [LogEntry(Position(position.stream, row.epoch, row.position), stored_event(row)) for row in rows]


async def trim(connection: Connection, *, before: datetime, limit: int) -> int:
    """Forget at most `limit` relayed events older than `before`; how many went. Heads stay, so positions go on."""
    return (await connection.execute(_TRIM, {"before": before, "limit": limit})).rowcount


_NUMBER: Final = text(
    """
    with given as (
        select * from unnest(cast(:ids as bigint[]), cast(:streams as text[])) with ordinality
            as given(outbox_id, stream, place)
    ), kept as (
        select p.outbox_id, p.stream, p.position
        from stream_positions p join given g on g.outbox_id = p.outbox_id and g.stream = p.stream
        where p.outbox_id = any(cast(:ids as bigint[]))
    ), fresh as (
        select g.* from given g
        where not exists (select from kept k where k.outbox_id = g.outbox_id and k.stream = g.stream)
    ), heads as (
        insert into streams (name, epoch, head)
        select stream, gen_random_uuid(), count(*) from fresh group by stream order by stream
        on conflict (name) do update set head = streams.head + excluded.head
        returning name, epoch, head
    ), placed as (
        insert into stream_positions (stream, position, outbox_id)
        select f.stream, h.head + 1 - row_number() over (partition by f.stream order by f.place desc), f.outbox_id
        from fresh f join heads h on h.name = f.stream
        returning outbox_id, stream, position
    ), numbered as (
        update outbox set numbered_at = :at where id = any(cast(:ids as bigint[])) and numbered_at is null
    )
    select placed.outbox_id, placed.stream, placed.position, heads.epoch
    from placed join heads on heads.name = placed.stream
    union all
    select kept.outbox_id, kept.stream, kept.position, streams.epoch
    from kept join streams on streams.name = kept.stream
    """
)
_TRIM: Final = text(
    """
    delete from outbox where id = any(array(
        select id from outbox where at < :before and relayed_at is not null order by at limit :limit
    ))
    """
)

"""What a command leaves behind beside its effect, in one statement: events, the audit row and the remembered answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import orjson

from db.changes import Change
from domain.events import Event
from domain.idempotency import IdempotencyKey
from domain.ids import new_id
from domain.plain import Plain, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One command, as those who were not there learn of it. Events keep their order."""

    actor: str
    operation: str
    request_id: str
    address: str
    at: datetime
    events: Sequence[Event] = ()
    changes: Sequence[Change] = ()
    reason: str | None = None
    once: IdempotencyKey | None = None
    answer: Plain = None

    @property
    def subject(self) -> str | None:
        """What the command was about: what it changed first, else what it told first."""
        if self.changes:
            return self.changes[0].subject
        return self.events[0].subject if self.events else None


async def leave(driver: asyncpg.Connection[asyncpg.Record], trace: Trace) -> None:
    """Write it, in the caller's transaction."""
    once = trace.once
    await driver.fetch(
        _LEAVE,
        trace.actor,
        trace.request_id,
        trace.at,
        _json([_told(event) for event in trace.events]),
        *((once.actor, once.operation, once.key) if once else (None, None, None)),
        _json(trace.answer),
        new_id(),
        trace.operation,
        trace.subject,
        trace.reason,
        _json([_changed(change) for change in trace.changes]),
        trace.address,
    )


def _told(event: Event) -> Plain:
    return {
        "event_id": str(new_id()),
        "name": event.name,
        "version": event.version,
        "subject": event.subject,
        "body": to_plain(event),
    }


def _changed(change: Change) -> Plain:
    return {"subject": change.subject, "table": change.table, "before": change.before, "after": change.after}


def _json(value: Plain) -> str:
    return orjson.dumps(value).decode()


# The parts are carried out whatever reads them. Ids of events are drawn in the order of their places. The events come
# as one JSON value: the driver looks at every item of an array several times, and there would be five.
_LEAVE: Final = """
    with answered as (
        update idempotency_keys set answer = $8 where actor = $5 and operation = $6 and key = $7
    ), told as (
        insert into outbox (event_id, name, version, subject, body, actor, request_id, at)
        select event_id, name, version, subject, body, $1, $2, $3
        from rows from (
            jsonb_to_recordset($4) as (event_id uuid, name text, version integer, subject text, body jsonb)
        ) with ordinality told (event_id, name, version, subject, body, place)
        order by place
    )
    insert into audit_entries (id, actor, operation, subject, reason, changes, request_id, address, at)
    values ($9, $1, $10, $11, $12, $13, $2, $14, $3)
"""

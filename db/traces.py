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
    events, once = trace.events, trace.once
    await driver.fetch(
        _LEAVE,
        trace.actor,
        trace.request_id,
        trace.at,
        [new_id() for _ in events],
        [event.name for event in events],
        [event.version for event in events],
        [event.subject for event in events],
        [_json(to_plain(event)) for event in events],
        *((once.actor, once.operation, once.key) if once else (None, None, None)),
        _json(trace.answer),
        new_id(),
        trace.operation,
        trace.subject,
        trace.reason,
        _json([to_plain(change) for change in trace.changes]),
        trace.address,
    )


def _json(value: Plain) -> str:
    return orjson.dumps(value).decode()


# The parts are carried out whatever reads them. Ids of events are drawn in the order of their places.
_LEAVE: Final = """
    with answered as (
        update idempotency_keys set answer = $12::jsonb where actor = $9 and operation = $10 and key = $11
    ), told as (
        insert into outbox (event_id, name, version, subject, body, actor, request_id, at)
        select event_id, name, version, subject, body::jsonb, $1, $2, $3
        from unnest($4::uuid[], $5::text[], $6::integer[], $7::text[], $8::text[])
            with ordinality told (event_id, name, version, subject, body, place)
        order by place
    )
    insert into audit_entries (id, actor, operation, subject, reason, changes, request_id, address, at)
    values ($13, $1, $14, $15, $16, $17::jsonb, $2, $18, $3)
"""

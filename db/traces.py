"""What a command leaves behind beside its effect, in one statement: events, the audit row and the remembered answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db import idempotency
from db.changes import Change
from db.prepared import Prepared
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


def leaving(trace: Trace) -> str:
    """The statement that writes it; the key was claimed before."""
    return Prepared.leave_trace.with_value(_plain(trace))


def leaving_together(traces: Iterable[Trace]) -> str:
    """The statement that writes several, and claims their keys; it fails where one of them is somebody's already."""
    return Prepared.leave_traces.with_value([_plain(trace) for trace in traces])


def _plain(trace: Trace) -> Plain:
    once = trace.once
    return {
        "id": str(new_id()),
        "actor": trace.actor,
        "operation": trace.operation,
        "subject": trace.subject,
        "reason": trace.reason,
        "request_id": trace.request_id,
        "address": trace.address,
        "at": trace.at.isoformat(),
        "events": [_told(event) for event in trace.events],
        "changes": [_changed(change) for change in trace.changes],
        "once": _answered(once, trace) if once else None,
    }


def _answered(once: IdempotencyKey, trace: Trace) -> Plain:
    return {**idempotency.claim(once, at=trace.at), "answer": trace.answer}


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

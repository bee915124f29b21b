"""The audit trail as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain import audit as domain
from domain.ids import IdKind, encode_id
from schema.scalars import Json


@strawberry.type
class AuditChange:
    """One row before and after a command."""

    subject: str
    """What was changed, by its id."""
    table: str
    """Where it is kept."""
    before: Json
    """Column to value; empty for a new row. Secrets are blotted out."""
    after: Json
    """Column to value. Secrets are blotted out."""

    @classmethod
    def of(cls, change: domain.AuditedChange) -> Self:
        """From a change of the domain."""
        return cls(subject=change.subject, table=change.table, before=Json(change.before), after=Json(change.after))


@strawberry.type
class AuditEntry:
    """One command that was carried out: who, what, why, and what it changed."""

    id: strawberry.ID
    """Its id."""
    actor: str
    """The person's id, the API key's where a program acted, `system` or `anonymous`."""
    operation: str
    """The name of the mutation or the job."""
    subject: str | None
    """What it was about."""
    reason: str | None
    """What the actor gave as reason."""
    changes: list[AuditChange]
    """Every row it changed."""
    request_id: strawberry.ID
    """Ties it to answers, logs and events."""
    address: str
    """The network address that the command came from."""
    at: datetime
    """When."""

    @classmethod
    def of(cls, entry: domain.AuditEntry) -> Self:
        """From an entry of the domain."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.AUDIT_ENTRY, entry.id)),
            actor=entry.actor,
            operation=entry.operation,
            subject=entry.subject,
            reason=entry.reason,
            changes=[AuditChange.of(change) for change in entry.changes],
            request_id=strawberry.ID(entry.request_id),
            address=entry.address,
            at=entry.at,
        )


@strawberry.input
class AuditFilterInput:
    """Which entries; all that is given must agree."""

    actor: str | None = None
    """A person's id, an API key's, `system` or `anonymous`."""
    subject: str | None = None
    """The id of what it was about."""
    operation: str | None = None
    """The name of the mutation or the job."""
    since: datetime | None = None
    """From this instant on."""
    until: datetime | None = None
    """Before this instant."""

    def parse(self) -> domain.AuditFilter:
        """The filter of the domain.

        Raises:
            InvalidInput: a word is too long, or it ends before it begins.
        """
        return domain.AuditFilter.checked(
            actor=self.actor, subject=self.subject, operation=self.operation, since=self.since, until=self.until
        )

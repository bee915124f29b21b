"""The audit trail: who did what, why, and what it changed. It is written with every command and never altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.errors import FieldFault, InvalidInput
from domain.ids import AuditEntryId
from domain.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedChange:
    """One row before and after; `before` is empty for a new one. Secrets are blotted out when it is written."""

    subject: str
    table: str
    before: dict[str, Plain]
    after: dict[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One command that was carried out."""

    id: AuditEntryId
    actor: str
    operation: str
    subject: str | None
    reason: str | None
    changes: tuple[AuditedChange, ...]
    request_id: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries: all that is given must agree. `since` is included, `until` is not."""

    actor: str | None = None
    subject: str | None = None
    operation: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise InvalidInput(FieldFault(("filter", "until"), "must be later than since"))

"""The audit trail: who did what, why, and what it changed. It is written with every command and never altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.faults import Faults
from domain.ids import AuditEntryId
from domain.plain import Plain
from domain.text import line

WORD_MAX: Final = 120


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

    @classmethod
    def checked(
        cls,
        *,
        actor: str | None,
        subject: str | None,
        operation: str | None,
        since: datetime | None,
        until: datetime | None,
    ) -> AuditFilter:
        """A filter that can be asked.

        Raises:
            InvalidInput: a word is too long, or the time ends before it begins.
        """
        faults = Faults()
        words = {"actor": actor, "subject": subject, "operation": operation}
        for name, word in words.items():
            with faults.kept():
                line(word or "", path=("filter", name), shortest=0, longest=WORD_MAX)
        with faults.kept():
            if since and until and since >= until:
                raise InvalidInput(FieldFault(("filter", "until"), "must be later than since"))
        faults.refuse_any()
        return cls(**words, since=since, until=until)

"""The audit trail for show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.audit import audit_entries
from domain.audit import AuditedChange, AuditEntry, AuditFilter
from domain.page import Page, PageRequest


async def audit_page(connection: AsyncConnection, *, wanted: AuditFilter, page: PageRequest) -> Page[AuditEntry]:
    """Entries, the newest first."""
    entries = select(audit_entries).where(*_clauses(wanted))
    order = (audit_entries.c.at.desc(), audit_entries.c.id.desc())
    return (await keyset(connection, entries, order=order, page=page)).map(_entry)


def _clauses(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.actor is not None:
        yield audit_entries.c.actor == wanted.actor
    if wanted.subject is not None:
        yield audit_entries.c.subject == wanted.subject
    if wanted.operation is not None:
        yield audit_entries.c.operation == wanted.operation
    if wanted.since is not None:
        yield audit_entries.c.at >= wanted.since
    if wanted.until is not None:
        yield audit_entries.c.at < wanted.until


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        actor=row.actor,
        operation=row.operation,
        subject=row.subject,
        reason=row.reason,
        changes=tuple(AuditedChange(**change) for change in row.changes),
        request_id=row.request_id,
        address=row.address,
        at=row.at,
    )

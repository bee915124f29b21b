"""Who did what, why, and what it changed; rows are written once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from db.columns import id_column, instant_column
from db.registry import metadata

audit_entries: Final = Table(
    "audit_entries",
    metadata,
    id_column(),
    Column("actor", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("subject", Text),
    Column("reason", Text),
    Column("changes", JSONB, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    instant_column("at"),
)
Index("ix_audit_entries_subject_at", audit_entries.c.subject, audit_entries.c.at)
Index("ix_audit_entries_actor_at", audit_entries.c.actor, audit_entries.c.at)
Index("ix_audit_entries_at_id", audit_entries.c.at, audit_entries.c.id)

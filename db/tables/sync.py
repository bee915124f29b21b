"""What changed for whom: one row for a person and a thing, written by triggers in the transaction that changed it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Uuid

from db.columns import EnumText
from db.registry import metadata
from domain.tips.offline_sync import SyncKind

sync_marks: Final = Table(
    "sync_marks",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", EnumText(SyncKind), nullable=False),
    Column("changed_in", BigInteger, nullable=False),
    CheckConstraint("kind in ('TIP', 'WORKER', 'TIP_QR')", name="kind_known"),
)
Index("ix_sync_marks_user_id", sync_marks.c.user_id, sync_marks.c.changed_in, sync_marks.c.subject_id)

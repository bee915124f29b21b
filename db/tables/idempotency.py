"""Answers of commands that must not be carried out twice."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from db.columns import instant_column
from db.registry import metadata

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("input_hash", LargeBinary, nullable=False),
    Column("answer", JSONB),
    instant_column("at"),
    instant_column("kept_until"),
)
Index("ix_idempotency_keys_kept_until", idempotency_keys.c.kept_until)

"""What a sandbox keeps; empty where real money moves."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table

from db.columns import instant_column
from db.registry import metadata

sandbox_clock: Final = Table(
    "sandbox_clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ahead_seconds", BigInteger, nullable=False),
    Column("before_seconds", BigInteger, nullable=False),
    instant_column("begins_at"),
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("before_seconds >= 0 and ahead_seconds >= before_seconds", name="forward"),
)

"""The outbox: every event as it was committed, and the positions it got in its streams."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from db.columns import instant_column
from db.registry import metadata

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    instant_column("at"),
    instant_column("numbered_at", nullable=True),
    instant_column("relayed_at", nullable=True),
    instant_column("parked_at", nullable=True),
    Column("failures", Integer, nullable=False, server_default="0"),
)
Index(
    "ix_outbox_waiting",
    outbox.c.id,
    postgresql_where=outbox.c.relayed_at.is_(None) & outbox.c.parked_at.is_(None),
)
Index("ix_outbox_at", outbox.c.at)

streams: Final = Table(
    "streams",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", Uuid, nullable=False),
    Column("head", BigInteger, nullable=False, server_default="0"),
)

stream_positions: Final = Table(
    "stream_positions",
    metadata,
    Column("stream", Text, ForeignKey("streams.name", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("outbox_id", BigInteger, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("outbox_id", "stream"),
)

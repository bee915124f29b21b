"""What is known of stored files; the files themselves lie in the storage."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.uploads import Upload, UploadPurpose

uploads: Final = Table(
    "uploads",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("purpose", EnumText(UploadPurpose), nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    instant_column("stored_at"),
    CheckConstraint("size_bytes > 0", name="size_positive"),
    CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    info={"id_kind": IdKind.UPLOAD},
)
Index("ix_uploads_owner_id", uploads.c.owner_id)


def map_uploads(mappers: registry) -> None:
    """Map uploads."""
    mappers.map_imperatively(Upload, uploads)

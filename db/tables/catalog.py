"""The tree of categories."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry

from db.columns import id_column, instant_column
from db.registry import metadata
from domain.catalog.category import LEVEL_MAX, Category
from domain.ids import IdKind
from domain.localized import LocalizedText


class Localized(TypeDecorator[LocalizedText]):
    """Text in several languages as one JSON object: language → text."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: LocalizedText | None, dialect: Dialect) -> dict[str, str] | None:
        """The map as it is stored."""
        return dict(value.texts) if value else None

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> LocalizedText | None:
        """The text."""
        return LocalizedText(value) if value else None


categories: Final = Table(
    "categories",
    metadata,
    id_column(),
    Column("parent_id", Uuid, ForeignKey("categories.id")),
    Column("slug", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("name", Localized(none_as_null=True), nullable=False),
    Column("description", Localized(none_as_null=True)),
    Column("is_active", Boolean, nullable=False),
    Column("sort_order", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("created_at"),
    instant_column("updated_at"),
    CheckConstraint(f"level between 0 and {LEVEL_MAX} and (level = 0) = (parent_id is null)", name="level"),
    info={"id_kind": IdKind.CATEGORY},
)
Index("ix_categories_parent_id_sort_order", categories.c.parent_id, categories.c.sort_order)


def map_catalog(mappers: registry) -> None:
    """Map categories."""
    mappers.map_imperatively(Category, categories, version_id_col=categories.c.version, version_id_generator=False)

"""A category as it is shown: what is read often, and remembered, is no entity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.catalog.category import Category
from domain.ids import CategoryId
from domain.localized import LocalizedText


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCategory:
    """Everything of a category that somebody may see, as it stood when it was read."""

    id: CategoryId
    parent_id: CategoryId | None
    slug: str
    path: str
    level: int
    name: LocalizedText
    description: LocalizedText | None
    is_active: bool
    sort_order: int
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, category: Category) -> Self:
        """As the entity stands now."""
        return cls(
            id=category.id,
            parent_id=category.parent_id,
            slug=category.slug,
            path=category.path,
            level=category.level,
            name=category.name,
            description=category.description,
            is_active=category.is_active,
            sort_order=category.sort_order,
            version=category.version,
            created_at=category.created_at,
            updated_at=category.updated_at,
        )

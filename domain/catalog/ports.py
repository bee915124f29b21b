"""What the catalogue asks of its storage."""

from __future__ import annotations

from typing import Protocol

from domain.catalog.category import Category
from domain.ids import CategoryId


class Categories(Protocol):
    """Categories, loaded for change."""

    async def take_turn(self) -> None:
        """Wait until no other command changes the tree; until this command ends none can."""
        ...

    async def get_for_update(self, category_id: CategoryId) -> Category:
        """The category, its row locked.

        Raises:
            CategoryNotFound: there is none.
        """
        ...

    async def is_offered(self, category_id: CategoryId) -> bool:
        """Whether it exists and it and everything above it is active."""
        ...

    async def has_slug(self, slug: str) -> bool:
        """Whether a category, active or not, has this slug."""
        ...

    async def active_count(self) -> int:
        """How many are active."""
        ...

    async def add(self, category: Category) -> None:
        """Keep a new category."""
        ...

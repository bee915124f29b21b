"""Categories, loaded for change."""

from __future__ import annotations

from typing import Final

from sqlalchemy import exists, func, select

from db.advisory_lock import take_turn
from db.tables.catalog import categories
from db.transaction import Transaction
from domain.catalog.category import Category
from domain.catalog.errors import CategoryNotFound
from domain.ids import CategoryId


class SqlCategories:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take_turn(self) -> None:
        await take_turn(self._transaction, "catalog")

    async def get_for_update(self, category_id: CategoryId) -> Category:
        category = await self._transaction.session.get(Category, category_id, with_for_update=True)
        if category is None:
            raise CategoryNotFound
        return category

    async def is_offered(self, category_id: CategoryId) -> bool:
        return bool(await self._transaction.driver.fetchval(_IS_OFFERED, category_id))

    async def has_slug(self, slug: str) -> bool:
        return bool(await self._transaction.session.scalar(select(exists().where(categories.c.slug == slug))))

    async def active_count(self) -> int:
        return await self._transaction.session.scalar(select(func.count()).where(categories.c.is_active)) or 0

    async def add(self, category: Category) -> None:
        self._transaction.session.add(category)


_IS_OFFERED: Final = """
    select bool_and(above.is_active)
    from categories filed join categories above
        on above.path = filed.path or starts_with(filed.path, above.path || '/')
    where filed.id = $1
"""

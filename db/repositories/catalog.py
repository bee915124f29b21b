"""Categories, loaded for change."""

from __future__ import annotations

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.advisory_lock import take_turn
from db.tables.catalog import categories
from domain.catalog.category import Category
from domain.catalog.errors import CategoryNotFound
from domain.ids import CategoryId


class SqlCategories:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take_turn(self) -> None:
        await take_turn(self._session, "catalog")

    async def get_for_update(self, category_id: CategoryId) -> Category:
        category = await self._session.get(Category, category_id, with_for_update=True)
        if category is None:
            raise CategoryNotFound
        return category

    async def is_offered(self, category_id: CategoryId) -> bool:
        above = categories.alias("above")
        is_on_its_path = or_(categories.c.path == above.c.path, func.starts_with(categories.c.path, above.c.path + "/"))
        every_one = (
            select(func.coalesce(func.bool_and(above.c.is_active), False))
            .select_from(categories.join(above, is_on_its_path))
            .where(categories.c.id == category_id)
        )
        return bool(await self._session.scalar(every_one))

    async def has_slug(self, slug: str) -> bool:
        return bool(await self._session.scalar(select(exists().where(categories.c.slug == slug))))

    async def active_count(self) -> int:
        return await self._session.scalar(select(func.count()).where(categories.c.is_active)) or 0

    async def add(self, category: Category) -> None:
        self._session.add(category)

"""Categories for show."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.catalog import categories
from domain.catalog.category import ACTIVE_CATEGORIES_MAX
from domain.catalog.shown import ShownCategory
from domain.ids import CategoryId


async def offered_categories(connection: AsyncConnection) -> list[ShownCategory]:
    """The whole tree that is offered, parents before children and siblings in their order; at most 500."""
    active = (
        select(categories)
        .where(categories.c.is_active)
        .order_by(categories.c.level, categories.c.sort_order, categories.c.slug)
        .limit(ACTIVE_CATEGORIES_MAX)
    )
    offered: dict[CategoryId | None, ShownCategory] = {}
    for row in await connection.execute(active):
        if row.parent_id is None or row.parent_id in offered:
            offered[row.id] = _category(row)
    return list(offered.values())


async def categories_by_ids(
    connection: AsyncConnection, ids: Collection[CategoryId]
) -> dict[CategoryId, ShownCategory]:
    """Categories by id, closed ones too: listings stay filed where they are."""
    wanted = select(categories).where(categories.c.id.in_(ids))
    return {row.id: _category(row) for row in await connection.execute(wanted)}


async def categories_below(connection: AsyncConnection, parents: Collection[CategoryId]) -> list[ShownCategory]:
    """The open categories right below these, siblings in their order."""
    children = (
        select(categories)
        .where(categories.c.parent_id.in_(parents), categories.c.is_active)
        .order_by(categories.c.sort_order, categories.c.slug)
        .limit(ACTIVE_CATEGORIES_MAX)
    )
    return [_category(row) for row in await connection.execute(children)]


async def category_ids_at_and_below(connection: AsyncConnection, category_id: CategoryId) -> frozenset[CategoryId]:
    """The category and everything filed under it, closed ones too; empty when there is no such category."""
    top = categories.alias("top")
    is_below = or_(categories.c.path == top.c.path, func.starts_with(categories.c.path, top.c.path + "/"))
    found = select(categories.c.id).select_from(categories.join(top, is_below)).where(top.c.id == category_id)
    return frozenset(CategoryId(row.id) for row in await connection.execute(found))


def _category(row: Row[Any]) -> ShownCategory:
    return ShownCategory(
        id=row.id,
        parent_id=row.parent_id,
        slug=row.slug,
        path=row.path,
        level=row.level,
        name=row.name,
        description=row.description,
        is_active=row.is_active,
        sort_order=row.sort_order,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

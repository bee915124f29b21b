"""Who tends the tree: categories are made, renamed, ordered, opened and closed."""

from __future__ import annotations

from collections.abc import Mapping

from domain.catalog.category import (
    ACTIVE_CATEGORIES_MAX,
    Category,
    category_description,
    category_name,
    checked_sort_order,
)
from domain.catalog.errors import CatalogFull, CategoryNotFound, SlugTaken
from domain.errors import FieldFault, InvalidInput, VersionConflict
from domain.ids import CategoryId, IdKind, encode_id
from domain.settings.events import SettingsUpdated
from domain.unit_of_work import UnitOfWork

_KEYS_TOLD = ("categories",)  # clients that keep the tree refresh it with the settings


async def create_category(
    uow: UnitOfWork,
    *,
    slug: str,
    name: Mapping[str, str],
    description: Mapping[str, str],
    parent_id: CategoryId | None = None,
    sort_order: int = 0,
) -> Category:
    """Add an active category and tell everybody who keeps the tree.

    Raises:
        InvalidInput: a field is faulty or the parent does not exist.
        SlugTaken: another category has the slug.
        CatalogFull: as many are active as may be.
    """
    await uow.categories.take_turn()
    parent = await _parent(uow, parent_id)
    category = Category.below(
        parent,
        slug=slug,
        name=category_name(name),
        description=category_description(description),
        sort_order=sort_order,
        at=uow.now,
    )
    if await uow.categories.has_slug(slug):
        raise SlugTaken
    await _require_room(uow)
    await uow.categories.add(category)
    uow.emit(SettingsUpdated(keys=_KEYS_TOLD, about=encode_id(IdKind.CATEGORY, category.id)))
    return category


async def update_category(
    uow: UnitOfWork,
    *,
    category_id: CategoryId,
    name: Mapping[str, str] | None = None,
    description: Mapping[str, str] | None = None,
    sort_order: int | None = None,
    is_active: bool | None = None,
    expected_version: int | None = None,
) -> Category:
    """Rename, order, open or close a category; what is None stays. Listings in a closed one remain as they are.

    Raises:
        InvalidInput: a field is faulty.
        CategoryNotFound: no such category.
        VersionConflict: it was changed since the caller read it.
        CatalogFull: it cannot be opened, as many are active as may be.
    """
    await uow.categories.take_turn()
    category = await uow.categories.get_for_update(category_id)
    if expected_version not in (None, category.version):
        raise VersionConflict(category.version)
    if is_active and not category.is_active:
        await _require_room(uow)
    if name is not None:
        category.name = category_name(name)
    if description is not None:
        category.description = category_description(description)
    if sort_order is not None:
        category.sort_order = checked_sort_order(sort_order)
    if is_active is not None:
        category.is_active = is_active
    category.updated_at = uow.now
    category.version += 1
    uow.emit(SettingsUpdated(keys=_KEYS_TOLD, about=encode_id(IdKind.CATEGORY, category.id)))
    return category


async def require_offered(uow: UnitOfWork, category_id: CategoryId) -> None:
    """Refuse a category under which nothing can be filed.

    Raises:
        InvalidInput: it does not exist or is closed.
    """
    if not await uow.categories.is_offered(category_id):
        raise InvalidInput(FieldFault(("categoryId",), "is not an open category"))


async def _parent(uow: UnitOfWork, parent_id: CategoryId | None) -> Category | None:
    if parent_id is None:
        return None
    try:
        return await uow.categories.get_for_update(parent_id)
    except CategoryNotFound:
        raise InvalidInput(FieldFault(("parentId",), "is not a category")) from None


async def _require_room(uow: UnitOfWork) -> None:
    if await uow.categories.active_count() >= ACTIVE_CATEGORIES_MAX:
        raise CatalogFull

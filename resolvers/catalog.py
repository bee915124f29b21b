"""The tree of categories: asked for by everybody, tended by curators."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import strawberry

from db.reads.catalog import offered_categories
from domain.catalog.curation import create_category, update_category
from domain.catalog.errors import CategoryNotFound
from domain.catalog.shown import ShownCategory
from domain.identity.roles import Permission
from domain.ids import CategoryId, IdKind, decode_id
from domain.localized import FALLBACK_LANGUAGE
from resolvers.context import Info
from schema.access import ANYONE, holders_of
from schema.catalog import (
    Category,
    CategoryCreateInput,
    CategoryCreatePayload,
    CategoryUpdateInput,
    CategoryUpdatePayload,
    texts_of,
    tree_of,
)
from schema.fields import mutation, query
from schema.traits import Traits

LIFETIME: Final = timedelta(hours=1)
CHANGED: Final = ("categories",)


@strawberry.type
class CatalogQuery:
    """What can be asked of the catalogue."""

    @query(access=ANYONE, traits=Traits(cached_for=LIFETIME))
    async def categories(
        self, info: Info, language: str | None = None, parent_id: strawberry.ID | None = None
    ) -> list[Category]:
        """The open categories right below `parentId`, or the roots; their children are in them. At most 500 in all."""
        parent = CategoryId(decode_id(IdKind.CATEGORY, parent_id, path=("parentId",))) if parent_id else None
        async with info.context.database.read() as connection:
            offered = await offered_categories(connection)
        below = tree_of(offered, language=language or FALLBACK_LANGUAGE)
        if parent not in below:
            raise CategoryNotFound
        return list(below[parent])


@strawberry.type
class CatalogMutation:
    """What curators command."""

    @mutation(access=holders_of(Permission.CATEGORY_CURATE))
    async def category_create(self, info: Info, input: CategoryCreateInput) -> CategoryCreatePayload:
        """Add an open category. Clients that keep the tree are told by a settings event with the key `categories`."""
        parent_id = input.parent_id
        async with info.context.unit_of_work() as uow:
            category = await create_category(
                uow,
                slug=input.slug,
                name=texts_of(input.name, path=("name",)),
                description=texts_of(input.description, path=("description",)),
                parent_id=CategoryId(decode_id(IdKind.CATEGORY, parent_id, path=("parentId",))) if parent_id else None,
                sort_order=input.sort_order,
            )
        info.context.settings.bust(CHANGED)
        return CategoryCreatePayload(category=Category.of(ShownCategory.of(category)))

    @mutation(access=holders_of(Permission.CATEGORY_CURATE))
    async def category_update(self, info: Info, input: CategoryUpdateInput) -> CategoryUpdatePayload:
        """Rename, order, open or close a category; listings in a closed one stay as they are."""
        name, description = input.name, input.description
        async with info.context.unit_of_work() as uow:
            category = await update_category(
                uow,
                category_id=CategoryId(decode_id(IdKind.CATEGORY, input.category_id, path=("categoryId",))),
                name=None if name is None else texts_of(name, path=("name",)),
                description=None if description is None else texts_of(description, path=("description",)),
                sort_order=input.sort_order,
                is_active=input.is_active,
                expected_version=input.expected_version,
            )
        info.context.settings.bust(CHANGED)
        return CategoryUpdatePayload(category=Category.of(ShownCategory.of(category)))

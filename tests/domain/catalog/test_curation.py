"""The tree is tended: made, renamed, closed, and everybody who keeps it is told."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, insert, select

from db.reads.catalog import categories_by_ids, offered_categories
from db.tables.catalog import categories
from domain.catalog.category import Category
from domain.catalog.curation import create_category, update_category
from domain.catalog.errors import CatalogFull, CategoryNotFound
from domain.errors import InvalidInput, VersionConflict
from domain.ids import CategoryId, IdKind, encode_id, new_id
from domain.localized import LocalizedText
from tests.commands import NOON, Commands
from tests.makers.listings import make_category


async def slugs(commands: Commands) -> list[str]:
    async with commands.database.read() as connection:
        return [category.path for category in await offered_categories(connection)]


async def test_the_tree_is_read_parents_first_and_siblings_in_order(commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles", sort_order=2)
    await make_category(commands, "homes", sort_order=1)
    await make_category(commands, "cars", parent=vehicles, sort_order=1)
    await make_category(commands, "bicycles", parent=vehicles, sort_order=0)

    assert await slugs(commands) == ["homes", "vehicles", "vehicles/bicycles", "vehicles/cars"]


async def test_a_closed_category_hides_everything_below_it(commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles")
    cars = await make_category(commands, "cars", parent=vehicles)
    await make_category(commands, "electric", parent=cars)

    async with commands.by_system() as uow:
        await update_category(uow, category_id=cars.id, is_active=False, expected_version=1)

    assert await slugs(commands) == ["vehicles"]
    async with commands.database.read() as connection:
        closed = (await categories_by_ids(connection, [cars.id]))[cars.id]
    assert (closed.is_active, closed.version) == (False, 2)


async def test_a_change_is_told_to_whoever_keeps_the_tree(commands: Commands) -> None:
    category = await make_category(commands)

    async with commands.by_system() as uow:
        await update_category(
            uow,
            category_id=category.id,
            name={"en": "Bikes", "sw": "Baiskeli"},
            description={"en": "On two wheels."},
            sort_order=7,
        )

    async with commands.database.read() as connection:
        kept = (await categories_by_ids(connection, [category.id]))[category.id]
    assert kept.name == LocalizedText({"en": "Bikes", "sw": "Baiskeli"})
    assert (kept.description, kept.sort_order) == (LocalizedText({"en": "On two wheels."}), 7)
    events = await commands.events()
    assert [(event.body["keys"], event.subject) for event in events] == [
        (["categories"], encode_id(IdKind.CATEGORY, category.id))
    ] * 2
    assert (await commands.trail())[-1].changes[0]["before"]["name"] == {"texts": {"en": "Bicycles"}}


async def test_a_slug_is_taken_once(commands: Commands) -> None:
    parent = await make_category(commands, "vehicles")

    outcomes = await asyncio.gather(
        *(make_category(commands, "cars", parent=parent) for _ in range(3)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Category", "SlugTaken", "SlugTaken"]
    assert await slugs(commands) == ["vehicles", "vehicles/cars"]


async def test_a_parent_must_exist(commands: Commands) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with commands.by_system() as uow:
            await create_category(uow, slug="cars", name={"en": "Cars"}, description={}, parent_id=CategoryId(new_id()))

    assert refused.value.faults[0].path == ("parentId",)
    assert await slugs(commands) == []


async def test_an_unknown_or_stale_category_is_not_changed(commands: Commands) -> None:
    category = await make_category(commands)

    with pytest.raises(CategoryNotFound):
        async with commands.by_system() as uow:
            await update_category(uow, category_id=CategoryId(new_id()), sort_order=1)
    with pytest.raises(VersionConflict) as conflict:
        async with commands.by_system() as uow:
            await update_category(uow, category_id=category.id, sort_order=1, expected_version=9)

    assert conflict.value.current_version == 1
    assert len(await commands.events()) == 1


async def test_the_catalogue_is_full_at_five_hundred(commands: Commands) -> None:
    closed = await make_category(commands, "closed")
    async with commands.by_system() as uow:
        await update_category(uow, category_id=closed.id, is_active=False)
    async with commands.database.transaction() as connection:
        await connection.execute(insert(categories), [_row(number) for number in range(500)])

    with pytest.raises(CatalogFull):
        await make_category(commands, "one-more")
    with pytest.raises(CatalogFull):
        async with commands.by_system() as uow:
            await update_category(uow, category_id=closed.id, is_active=True)

    async with commands.database.read() as connection:
        assert len(await offered_categories(connection)) == 500
        assert await connection.scalar(select(func.count()).select_from(categories)) == 501


def _row(number: int) -> dict[str, object]:
    category = Category.below(
        None,
        slug=f"number-{number}",
        name=LocalizedText({"en": f"Number {number}"}),
        description=None,
        sort_order=number,
        at=NOON,
    )
    return {column.name: getattr(category, column.name) for column in categories.c}

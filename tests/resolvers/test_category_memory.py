"""What a process remembers of categories: never longer than it is true for those who changed it or heard of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import update

from db.tables.catalog import categories
from domain.catalog.category import Category
from domain.identity.roles import Role
from domain.ids import CategoryId, IdKind, encode_id, new_id
from resolvers.category_memory import LIFETIME_SECONDS, CategoryMemory
from resolvers.settings_cache import SettingsCache
from tests.api import Api
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing
from tests.makers.people import make_person

SHOWN = "{ listings { nodes { category { sortOrder } } } }"


class Watch:
    """Seconds that only a test moves on."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def reorder(commands: Commands, category: Category, sort_order: int) -> None:
    """Behind the back of this process."""
    async with commands.database.transaction() as connection:
        await connection.execute(update(categories).where(categories.c.id == category.id).values(sort_order=sort_order))


async def sort_order(memory: CategoryMemory, category: Category) -> int:
    return (await memory.by_ids([category.id]))[category.id].entity.sort_order


async def test_what_was_changed_elsewhere_is_known_after_a_minute(commands: Commands) -> None:
    watch = Watch()
    memory, category = CategoryMemory(commands.database, monotonic=watch), await make_category(commands)
    before = await sort_order(memory, category)
    await reorder(commands, category, 5)

    watch.seconds += LIFETIME_SECONDS - 1
    remembered = await sort_order(memory, category)
    watch.seconds += 1

    assert (before, remembered, await sort_order(memory, category)) == (0, 0, 5)


async def test_what_settings_events_tell_is_forgotten_at_once(commands: Commands) -> None:
    cache, category = SettingsCache(commands.database), await make_category(commands)
    await sort_order(cache.categories, category)
    await reorder(commands, category, 5)

    cache.bust(["*"])

    assert await sort_order(cache.categories, category) == 5


async def test_a_category_that_was_not_there_is_looked_for_again(commands: Commands) -> None:
    memory = CategoryMemory(commands.database)
    category = await make_category(commands)
    missing = CategoryId(new_id())

    assert missing not in await memory.by_ids([category.id, missing])
    assert category.id in await memory.by_ids([category.id])


async def test_what_was_forgotten_while_it_was_read_is_not_kept(commands: Commands) -> None:
    memory, category = CategoryMemory(commands.database), await make_category(commands)

    reading = asyncio.create_task(memory.by_ids([category.id]))
    await asyncio.sleep(0)
    memory.forget()
    await reading
    await reorder(commands, category, 5)

    assert await sort_order(memory, category) == 5


async def test_who_changes_a_category_reads_the_change_at_once(api: Api, commands: Commands) -> None:
    category = await make_category(commands)
    await make_listing(commands, await make_person(commands), details(category.id))
    curator = api.as_(await make_person(commands, Role.ADMIN))
    assert await api.ask(SHOWN) == {"listings": {"nodes": [{"category": {"sortOrder": 0}}]}}
    commands.later(timedelta(seconds=1))

    await curator.command(
        "categoryUpdate", "category { id }", categoryId=encode_id(IdKind.CATEGORY, category.id), sortOrder=7
    )

    assert await api.ask(SHOWN) == {"listings": {"nodes": [{"category": {"sortOrder": 7}}]}}

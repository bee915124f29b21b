"""What the caller of a command that could not be carried out is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from db.engine import Database
from db.mapping import map_everything
from domain.errors import ConcurrentChange
from tests.commands import Commands


async def take_too_long(commands: Commands) -> None:
    async with commands.by_system() as uow:
        await uow.session.execute(text("set local statement_timeout = 20"))
        await uow.session.execute(text("select pg_sleep(5)"))


async def test_a_statement_beyond_its_time_is_told_as_a_meeting_of_commands(commands: Commands) -> None:
    with pytest.raises(ConcurrentChange):
        await take_too_long(commands)


async def test_a_command_that_finds_every_connection_taken_may_be_tried_again(fresh_database_url: str) -> None:
    map_everything()
    narrow = Database(create_async_engine(fresh_database_url, pool_size=1, max_overflow=0, pool_timeout=0.05))

    async with narrow.transaction() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(ConcurrentChange):
            await look_up_somebody(Commands(narrow))

    await narrow.close()


async def look_up_somebody(commands: Commands) -> None:
    async with commands.by_system() as uow:
        await uow.users.lock_admins()

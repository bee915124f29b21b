"""What the caller of a command that could not be carried out is told."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from db.engine import open_database
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
    narrow = open_database(fresh_database_url, pool_size=1, wait_seconds=0.05)

    async with narrow.transaction() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(ConcurrentChange):
            await look_up_somebody(Commands(narrow))

    await narrow.close()


async def test_connections_that_the_server_ended_are_replaced_before_a_command_has_one(commands: Commands) -> None:
    ended = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database()"
    await asyncio.gather(*(look_up_somebody(commands) for _ in range(5)))
    async with commands.database.read() as connection:
        await connection.execute(text(f"{ended} and pid <> pg_backend_pid()"))

    await asyncio.gather(*(look_up_somebody(commands) for _ in range(10)))


async def look_up_somebody(commands: Commands) -> None:
    async with commands.by_system() as uow:
        await uow.users.lock_admins()

"""What the caller of a command that could not be carried out is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from domain.errors import ConcurrentChange
from tests.commands import Commands


async def take_too_long(commands: Commands) -> None:
    async with commands.by_system() as uow:
        await uow.session.execute(text("set local statement_timeout = 20"))
        await uow.session.execute(text("select pg_sleep(5)"))


async def test_a_statement_beyond_its_time_is_told_as_a_meeting_of_commands(commands: Commands) -> None:
    with pytest.raises(ConcurrentChange):
        await take_too_long(commands)

"""People who pay each other at one moment."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from db.convoys import Convoys
from domain.identity.actor import Actor
from tests.commands import Commands
from tests.db.riding import Payments
from tests.makers.wallets import kes, make_holder


@pytest_asyncio.fixture
async def payments(commands: Commands) -> AsyncIterator[Payments]:
    """Through the convoys of a process, which ring where anybody rode."""
    rung: list[None] = []
    made = Payments(commands, Convoys(commands.database, ring=lambda: rung.append(None)))
    yield made
    await made.convoys.close()
    assert bool(rung) is bool(made.rode)


@pytest_asyncio.fixture
async def people(commands: Commands) -> list[Actor]:
    """Four, with ten shillings each."""
    return [await make_holder(commands, kes(1_000)) for _ in range(4)]

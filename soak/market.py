"""A market to itself: servers and processes as people run them, made for one soak and gone with it."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from app.embedded.data_folder import hold
from app.embedded.places import places_for
from app.embedded.postgres import THROW_AWAY, PostgresServer
from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer
from tests.flows.market import Market

READY_SECONDS: Final = 60.0


@asynccontextmanager
async def opened_market(*apis: str) -> AsyncIterator[Market]:
    """A seeded market with a relay, a worker and API processes of these names."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sokoni-soak-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(hold(folder, address="soak"))
        places = places_for(folder)
        for made in (places.sockets, places.data):
            stack.callback(shutil.rmtree, made, ignore_errors=True)
        postgres = PostgresServer(places, durability=THROW_AWAY)
        stack.callback(postgres.stop)
        postgres.start()
        assert wait_until(postgres.is_ready, seconds=READY_SECONDS)
        market = Market(folder, postgres.url, ValkeyServer(places))
        stack.callback(market.stop)
        await market.start_redis()
        await asyncio.to_thread(market.command, "migrate")
        await asyncio.to_thread(market.command, "seed")
        market.people = json.loads(await asyncio.to_thread(market.command, "demo", "tokens"))
        market.start("relay", "relay")
        market.start("worker", "worker")
        for name in apis:
            market.start_api(name)
        for name in apis:
            await market.until_ready(name)
        yield market

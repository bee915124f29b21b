"""One market for all flow tests; a test that kills something starts it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from app.sandbox_acquirers import addresses
from tests.flows.client import Caller
from tests.flows.market import Market, free_port, open_market

NAME = "sokoni_flows"


@pytest.fixture(scope="session")
async def market(database_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """Two APIs, a relay, a worker, a mail server and servers in the shape of the providers, on a database with demo
    data.
    """
    folder: Path = tmp_path_factory.mktemp("market")
    async with open_market(NAME, database_url, template, folder) as market:
        daraja = str(free_port())
        market.daraja = f"http://127.0.0.1:{daraja}"
        market.urls["b"] = f"http://127.0.0.1:{free_port()}"
        market.settings |= {
            "SOKONI_MPESA_URL": market.daraja,
            "SOKONI_MPESA_CALLBACK_URL": market.urls["b"],
            "SOKONI_MPESA_CALLBACK_NETWORKS": "127.0.0.0/8",
        }
        market.start("daraja", "sandbox-daraja", "--port", daraja)
        acquirers = str(free_port())
        market.acquirers = f"http://127.0.0.1:{acquirers}"
        market.settings |= addresses(market.acquirers)
        market.start("acquirers", "sandbox-acquirers", "--port", acquirers, "--api", market.urls["b"])
        post = str(free_port())
        market.settings["SOKONI_SMTP_URL"] = f"smtp://127.0.0.1:{post}"
        market.start("post", "sandbox-smtp", "--port", post)
        market.start("relay", "relay")
        market.start("worker", "worker")
        for name in ("a", "b"):
            market.start_api(name)
        for name in ("a", "b"):
            await market.until_ready(name)
        yield market


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's or an app's connections."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture
async def moderator(market: Market, http: aiohttp.ClientSession) -> Caller:
    """May decide about listings."""
    return market.demo(http, "moderator")


@pytest.fixture
async def admin(market: Market, http: aiohttp.ClientSession) -> Caller:
    """May do nearly everything."""
    return market.demo(http, "admin")


@pytest.fixture
async def finance(market: Market, http: aiohttp.ClientSession) -> Caller:
    """May read and adjust the books."""
    return market.demo(http, "finance")


@pytest.fixture
async def customer(market: Market, http: aiohttp.ClientSession) -> Caller:
    """Has a funded wallet and no special permission."""
    return market.demo(http, "customer")

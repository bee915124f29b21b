"""One market and one browser for all tests; each test has a fresh profile, and what the page complained of fails it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright

from app.sandbox_acquirers import addresses
from tests.explorer.page import ExplorerPage
from tests.flows.market import Market, free_port, open_market

NAME = "sokoni_explorer"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",  # a container's root has no namespace for it; the pages are ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
async def market(database_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """An API and a relay on a database with the demo data in it."""
    folder: Path = tmp_path_factory.mktemp("market")
    # What stands in for providers is there to be driven, and no worker that would ask it anything.
    daraja, acquirers = str(free_port()), str(free_port())
    settings = {
        "SOKONI_EXPLORER": "on",
        "SOKONI_MPESA_URL": f"http://127.0.0.1:{daraja}",
        **addresses(f"http://127.0.0.1:{acquirers}"),
    }
    async with open_market(NAME, database_url, template, folder, **settings) as market:
        market.start("daraja", "sandbox-daraja", "--port", daraja)
        market.start("acquirers", "sandbox-acquirers", "--port", acquirers)
        market.start("relay", "relay")
        market.start_api("a")
        await market.until_ready("a")
        yield market


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Another client's connections."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium; nothing is downloaded for it."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        pytest.fail("There is no Chromium here. On Debian and Ubuntu: apt-get install chromium", pytrace=False)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        await browser.close()


@pytest.fixture
async def explorer(browser: Browser, market: Market) -> AsyncIterator[ExplorerPage]:
    """The page, opened and ready. At the end it must have asked nobody else and complained of nothing unexpected."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = ExplorerPage(await context.new_page(), market.urls["a"])
    await page.open()
    yield page
    await context.close()
    assert page.other_hosts == set()
    assert page.complaints == []

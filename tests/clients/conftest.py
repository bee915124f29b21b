"""One market for all clients, a small schema beside it, and the clients themselves, installed by their lock."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from app.embedded.identity import same
from app.embedded.process import start, wait_until
from app.node import locked_node
from tests.clients.scripts import DOCUMENTS, SCHEMA, SOURCES, Scripts
from tests.flows.market import ROOT, Market, free_port, open_market

NAME = "sokoni_clients"
INSTALLED = ROOT / ".venv" / "clients"
START_SECONDS = 30


@pytest.fixture(scope="session")
async def market(database_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """An API and a relay on a database with the demo data in it."""
    folder: Path = tmp_path_factory.mktemp("market")
    async with open_market(NAME, database_url, template, folder) as market:
        market.start("relay", "relay")
        market.start_api("a")
        await market.until_ready("a")
        yield market


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """An app's connections."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture(scope="session")
def small_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a small schema that only the tests have."""
    port = free_port()
    log = tmp_path_factory.mktemp("small") / "log"
    process = start(
        [sys.executable, "-m", "tests.clients.small_server", str(port)],
        identity=same(),
        death_signal=signal.SIGKILL,
        log=log,
        environment={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert wait_until(lambda: is_open(port), seconds=START_SECONDS), log.read_text()
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def scripts(market: Market, small_url: str) -> Scripts:
    """The scripts of the clients, told where the servers are and who may do what there."""
    node = locked_node()
    node.install(SOURCES, INSTALLED)
    told = {
        "SOKONI_URL": market.urls["a"],
        "SOKONI_PEOPLE": json.dumps(market.people),
        "SOKONI_DOCUMENTS": str(DOCUMENTS),
        "SOKONI_SCHEMA": str(SCHEMA),
        "SMALL_URL": small_url,
    }
    return Scripts(node, INSTALLED, {**os.environ, **told})

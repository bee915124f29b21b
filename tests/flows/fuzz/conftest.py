"""Who is asked, and the table at the end."""

from __future__ import annotations

import aiohttp
import pytest

from tests.flows.fuzz.api import Api
from tests.flows.fuzz.rounds import IS_LONG
from tests.flows.fuzz.tally import Tally
from tests.flows.market import Market
from tests.flows.people import come_in

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Tally:
    """What this run sends."""
    return request.config.stash.setdefault(TALLY, Tally())


@pytest.fixture(scope="session")
async def api(market: Market) -> Api:
    """One of the market's processes, and somebody who came in there."""
    async with aiohttp.ClientSession() as http:
        person = await come_in(market, http)
    assert person.token is not None
    return Api(market.urls["a"], market.processes["a"].pid, person.token, market.people["admin"]["accessToken"])


@pytest.fixture(autouse=True)
def serves_on(market: Market) -> None:
    """The process has not ended over what it was sent before."""
    assert market.processes["a"].poll() is None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of a long run."""
    if IS_LONG and TALLY in config.stash:
        terminalreporter.section("what was sent")
        for line in config.stash[TALLY].table():
            terminalreporter.write_line(line)

"""Servers, processes and networks fail while clients follow a feed: each ends with exactly what happened."""

from __future__ import annotations

import pytest

from soak.fire import Fire, resume_under_fire
from tests.flows.market import Market

SHORT = Fire(
    clients=12, events_per_second=50, seconds=8, cuts_per_second=5, away_seconds=0.5, patience_seconds=30, city="Moto"
)


@pytest.mark.parametrize("seed", [3])
async def test_clients_that_resume_by_cursor_hear_everything_once_and_in_order(market: Market, seed: int) -> None:
    ashes = await resume_under_fire(market, SHORT, seed=seed)

    assert ashes.events == 400
    assert ashes.faults == []
    killed = ("Valkey killed", "API process killed", "relay killed")
    assert [ashes.done[what] for what in killed] == [2, 2, 1]
    assert sum(each.connections for each in ashes.followers) > SHORT.clients

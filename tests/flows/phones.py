"""Phones that M-Pesa asks, at the sandbox of a market."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import aiohttp

from tests.flows.market import Market

PHONES: Final = iter(range(254_700_000_000, 254_700_001_000))


async def behave(market: Market, http: aiohttp.ClientSession, **behaviour: Any) -> None:
    """What the next prompt comes to."""
    async with http.post(f"{market.daraja}/sandbox/behaviours", json=behaviour) as response:
        assert response.status == 200


async def prompts(market: Market, http: aiohttp.ClientSession, phone: int) -> list[dict[str, Any]]:
    """All that a phone showed."""
    async with http.get(f"{market.daraja}/sandbox/prompts") as response:
        return [prompt for prompt in await response.json() if prompt["phone"] == phone]


async def prompted(market: Market, http: aiohttp.ClientSession, phone: int) -> dict[str, Any]:
    """What a phone showed first, once it does."""
    for _ in range(200):
        if shown := await prompts(market, http, phone):
            return shown[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no prompt came")

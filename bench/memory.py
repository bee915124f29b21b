"""The resident memory of an idle API process."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from typing import Final

import aiohttp

from bench.client import Client
from bench.figures import Figure, below
from bench.house import House

QUERIES: Final = 100
LIMIT_MB: Final = 150
SETTLE_SECONDS: Final = 1.0
KB_PER_MB: Final = 1024

QUERY: Final = """
{ listings(first: 20) { nodes {
  id title city price { amount asset } seller { displayName } category { name } } nextCursor } }
"""


def measure(house: House, name: str, url: str) -> list[Figure]:
    """Weigh an API process that has answered nothing yet, and again after its queries."""
    token = json.loads(house.command("demo", "tokens"))["customer"]["accessToken"]
    pid = house.processes[name].pid
    time.sleep(SETTLE_SECONDS)
    at_start = resident_mb(pid)
    asyncio.run(_ask(url, token))
    time.sleep(SETTLE_SECONDS)
    return [
        below("memory of an idle API process", at_start, LIMIT_MB, "MB", digits=0),
        below(f"  after {QUERIES} queries", resident_mb(pid), LIMIT_MB, "MB", digits=0),
    ]


async def _ask(url: str, token: str) -> None:
    async with aiohttp.ClientSession() as http:
        client = Client(http, url, token)
        for _ in range(QUERIES):
            await client.ask(QUERY)


def resident_mb(pid: int) -> float:
    """What the kernel counts as resident (VmRSS), libraries included."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found, "a living process has a resident size"
    return int(found.group(1)) / KB_PER_MB

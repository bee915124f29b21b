"""What people wait for who buy and tip: `orderPlace` and `tipGive` from a wallet, 100 a second, and their round trips.

Commands begin at their exact times, whether earlier ones were answered or not; a latency is counted from then until the
answer is read. One merchant sells one product, and one worker is tipped, so every command meets the others at one hot
place. The round trips are those of another process behind a counter, one command after the other.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import aiohttp

from bench.client import Client, Refused
from bench.figures import Figure, at_most, below, percentile
from bench.house import READY_SECONDS, House, free_port
from bench.processor import machine_seconds, used_seconds
from bench.round_trips import Counted, counting

PER_SECOND: Final = 100
SECONDS: Final = 15
WARM_UP: Final = 200
COUNTED: Final = 40
CODES_AT_ONCE: Final = 100
P95_MS: Final = 25
ROUND_TRIPS_MAX: Final = 6
BEHIND: Final = "behind the counter"
SELLERS: Final = ("merchant", "worker")
"""They do not buy from, or tip, themselves."""

RATE: Final = """
mutation($input: ExchangeRateSetInput!) { exchangeRateSet(input: $input) { exchangeRate { id } errors { message } } }
"""
SHOP: Final = "{ viewer { merchants { id } } }"
PRODUCT: Final = """
mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } errors { message } } }
"""
CODES: Final = """
mutation($input: ProductCodesAddInput!) { productCodesAdd(input: $input) { product { id } errors { message } } }
"""
WORKER: Final = "{ viewer { worker { id } } }"
ORDER: Final = """
mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id status code reference price { amount asset } } errors { code message } } }
"""
TIP: Final = """
mutation($input: TipGiveInput!) { tipGive(input: $input) {
  tip { id state reference amount { amount asset } } errors { code message } } }
"""
SHILLING: Final = {"amount": "1.00", "asset": "KES"}

Ask = Callable[[Client, str], Awaitable[Any]]


@dataclass(frozen=True)
class Trade:
    """What is bought and who is tipped."""

    product_id: str
    worker_id: str

    async def order(self, who: Client, key: str) -> Any:
        """Buy one."""
        return await who.ask(ORDER, input={"productId": self.product_id, "price": SHILLING, "idempotencyKey": key})

    async def tip(self, who: Client, key: str) -> Any:
        """Tip a shilling."""
        return await who.ask(TIP, input={"workerId": self.worker_id, "amount": SHILLING, "idempotencyKey": key})


@dataclass
class Run:
    """What was measured, in seconds."""

    latencies: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)
    foreign_cores: float = 0.0


def measure(house: House, url: str) -> list[Figure]:
    """At one API process; the round trips at another one."""
    return asyncio.run(_measure(house, url))


async def _measure(house: House, url: str) -> list[Figure]:
    tokens = json.loads(house.command("demo", "tokens"))
    keys = (f"bench-{number}" for number in itertools.count())
    figures: list[Figure] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        people = {label: Client(http, url, person["accessToken"]) for label, person in tokens.items()}
        trade = await _opened(people)
        buyers = [client for label, client in people.items() if label not in SELLERS]
        asks: dict[str, Ask] = {"orderPlace": trade.order, "tipGive": trade.tip}
        for name, ask in asks.items():
            await _at_rate(house, buyers, ask, keys, commands=WARM_UP)
            figures += _figures(name, await _at_rate(house, buyers, ask, keys, commands=PER_SECOND * SECONDS))
        async with counting(house.database_url) as counted:
            behind = await _started(house, http, counted)
            buyer = Client(http, behind, tokens["customer"]["accessToken"])
            for name, ask in asks.items():
                trips = await _trips(counted, buyer, ask, keys)
                figures.append(at_most(f"round trips to PostgreSQL, {name}", trips, ROUND_TRIPS_MAX, ""))
            house.end(BEHIND)
    return figures


async def _started(house: House, http: aiohttp.ClientSession, counted: Counted) -> str:
    """An API process behind the counter, which goes on passing its words along meanwhile."""
    port = free_port()
    house.start(BEHIND, "serve", SOKONI_PORT=str(port), SOKONI_DATABASE_URL=counted.database_url)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(aiohttp.ClientError):
            async with http.get(f"{url}/healthz") as response:
                if response.ok:
                    return url
        await asyncio.sleep(0.1)
    raise AssertionError("the process behind the counter did not start")


async def _opened(people: dict[str, Client]) -> Trade:
    """A product with as many codes as are bought, and a rate by which it is worth something."""
    rate = {"asset": "KES", "rate": "129.25", "validForSeconds": 86_400, "reason": "A measurement"}
    await people["finance"].ask(RATE, input=rate)
    seller = people["merchant"]
    merchant = (await seller.ask(SHOP))["data"]["viewer"]["merchants"][0]["id"]
    offer = {"merchantId": merchant, "title": "A shilling's worth", "price": SHILLING}
    product = (await seller.ask(PRODUCT, input=offer))["data"]["productCreate"]["product"]["id"]
    wanted = WARM_UP + PER_SECOND * SECONDS + COUNTED
    for start in range(0, wanted, CODES_AT_ONCE):
        codes = [f"BENCH-{number}" for number in range(start, start + CODES_AT_ONCE)]
        await seller.ask(CODES, input={"productId": product, "codes": codes})
    worker = (await people["worker"].ask(WORKER))["data"]["viewer"]["worker"]["id"]
    return Trade(product, worker)


async def _at_rate(house: House, buyers: list[Client], ask: Ask, keys: Iterator[str], *, commands: int) -> Run:
    run, pids = Run(), {**house.pids, "this client": os.getpid()}
    before, machine_before, begin = used_seconds(pids), machine_seconds(), time.perf_counter()

    async def once(number: int, due: float) -> None:
        try:
            await ask(buyers[number % len(buyers)], next(keys))
        except Refused as refused:
            run.refused[str(refused)] += 1
            return
        run.latencies.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as tasks:
        for number in range(commands):
            due = begin + number / PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(once(number, due))
    run.seconds = time.perf_counter() - begin
    run.processor = {name: used - before[name] for name, used in used_seconds(pids).items()}
    foreign = machine_seconds() - machine_before - sum(run.processor.values())
    run.foreign_cores = max(0.0, foreign / run.seconds)
    return run


async def _trips(counted: Counted, buyer: Client, ask: Ask, keys: Iterator[str]) -> float:
    """Of one command, once its statements are prepared; what the process asks by itself falls between most of them."""
    trips: list[int] = []
    for _ in range(COUNTED // 2):
        before = counted.trips
        await ask(buyer, next(keys))
        trips.append(counted.trips - before)
    return median(trips)


def _figures(name: str, run: Run) -> list[Figure]:
    p50, p95, p99, slowest = (percentile(run.latencies, share) * 1000 for share in (0.5, 0.95, 0.99, 1))
    rate = len(run.latencies) / run.seconds
    processor = ", ".join(
        f"{who} {used * 1000 / len(run.latencies):.1f}" for who, used in run.processor.items() if used > 0
    )
    return [
        below(f"{name} from a wallet, p95 at {PER_SECOND}/s", p95, P95_MS, "ms"),
        Figure("  p50, p99, slowest", f"{p50:.1f}, {p99:.1f}, {slowest:.1f} ms"),
        Figure("  done a second, refused", f"{rate:.1f}, {run.refused.total()}", "0", not run.refused),
        Figure("  processor, ms a command", processor),
        Figure("  cores that others on this machine kept busy", f"{run.foreign_cores:.2f}"),
        *(Figure(f"  refused: {why}", str(count)) for why, count in run.refused.items()),
    ]

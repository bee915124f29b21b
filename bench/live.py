"""From a commit to a listener's socket, at 100 events a second: commands at one API process, sockets at another.

Each payment is a real `transferCreate` over HTTP and is heard by two people, payer and payee, so it makes two events.
The commit's instant is the server's own (`track_commit_timestamp`); it is taken before the log is synced to disk, so
the figures include that. Beside it stand two instants that a client can see: `occurredAt`, when the command began, and
the arrival of its answer. All clocks are one: everything runs on this machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import aiohttp
from sqlalchemy import text

from bench.client import Client, Ear, Refused
from bench.figures import Figure, below, percentile
from bench.house import House
from bench.processor import machine_seconds, used_seconds
from db.engine import open_database

SECONDS: Final = 15
EVENTS_PER_SECOND: Final = 100
PAYMENTS_PER_SECOND: Final = EVENTS_PER_SECOND // 2
WARM_UP: Final = 50
PAYEE_STEP: Final = 3  # payer and payee are different people, and so are those of the next payment
LAST_SECONDS: Final = 5.0
P50_MS: Final = 10
P95_MS: Final = 50

PAY: Final = """
mutation($input: TransferCreateInput!) { transferCreate(input: $input) {
  transfer { id reference amount { amount asset } } errors { code message } } }
"""
LISTEN: Final = """
subscription($id: ID!) { walletEvents(walletId: $id) {
  __typename
  ... on WalletSnapshot { wallet { version } cursor }
  ... on WalletUpdated { id type occurredAt requestId cursor balance { amount asset } available { amount }
    txn { id type status amount { amount } reference } } } }
"""
COMMITTED: Final = text(
    "select request_id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as at "
    "from audit_entries where operation = 'transferCreate'"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame."""

    event: str
    wallet: str
    request: str
    occurred_at: float
    arrived_at: float


@dataclass
class Run:
    """What was sent and what came; instants are epoch seconds, payments are known by their request."""

    answered: dict[str, float] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)
    foreign_cores: float = 0.0

    def hear(self, wallet: str, item: dict[str, Any], at: float) -> None:
        """Note one frame."""
        if item["__typename"] != "WalletUpdated":
            self.others[item["__typename"]] += 1
            return
        occurred = datetime.fromisoformat(item["occurredAt"].replace("Z", "+00:00")).timestamp()
        self.heard.append(Heard(item["id"], wallet, item["requestId"], occurred, at))

    @property
    def doubled(self) -> int:
        """Frames that told the same listener the same once more."""
        return len(self.heard) - len({(frame.wallet, frame.event) for frame in self.heard})

    @property
    def lost(self) -> int:
        """Payments whose payer or payee was not told."""
        told = Counter(request for request, _ in {(frame.request, frame.wallet) for frame in self.heard})
        return sum(2 - told[request] for request in self.answered)


def measure(house: House, commands: str, sockets: str) -> list[Figure]:
    """Pay at one process, listen at the other."""
    people = list(json.loads(house.command("demo", "tokens")).values())
    run, committed = asyncio.run(_measure(house, people, commands, sockets))
    return figures(run, committed)


async def _measure(
    house: House, people: list[dict[str, str]], commands: str, sockets: str
) -> tuple[Run, dict[str, float]]:
    async with aiohttp.ClientSession() as http:
        await _listened(people, http, commands, sockets, Run(), payments=WARM_UP)
        run, pids = Run(), {**house.pids, "this client": os.getpid()}
        before, machine_before, begin = used_seconds(pids), machine_seconds(), time.perf_counter()
        await _listened(people, http, commands, sockets, run, payments=SECONDS * PAYMENTS_PER_SECOND)
        run.processor = {name: used - before[name] for name, used in used_seconds(pids).items()}
        foreign = machine_seconds() - machine_before - sum(run.processor.values())
        run.foreign_cores = max(0.0, foreign / (time.perf_counter() - begin))
    return run, await _commits(house)


async def _listened(
    people: list[dict[str, str]], http: aiohttp.ClientSession, commands: str, sockets: str, run: Run, *, payments: int
) -> None:
    """Everybody listens to their own wallet while the payments are made, and until all is heard or time is up."""
    payers = [Client(http, commands, person["accessToken"]) for person in people]
    async with AsyncExitStack() as stack:
        for person in people:
            wallet = person["walletId"]
            ear = Ear(
                Client(http, sockets, person["accessToken"]),
                LISTEN,
                lambda item, at, wallet=wallet: run.hear(wallet, item, at),  # type: ignore[misc]  # a default binds it
                id=wallet,
            )
            await stack.enter_async_context(ear)
        await _pay(people, payers, run, payments=payments)
        deadline = time.monotonic() + LAST_SECONDS
        while run.lost and time.monotonic() < deadline:  # noqa: ASYNC110  # answers and frames both count
            await asyncio.sleep(0.05)


async def _pay(people: list[dict[str, str]], payers: list[Client], run: Run, *, payments: int) -> None:
    """Begin payments at their exact rate, whether earlier ones are answered or not."""

    async def pay(number: int) -> None:
        payer, payee = number % len(people), (number + PAYEE_STEP) % len(people)
        given = {
            "fromWalletId": people[payer]["walletId"],
            "recipientId": people[payee]["userId"],
            "amount": {"amount": "0.01", "asset": "KES"},
            "idempotencyKey": f"bench-{payments}-{number}",
        }
        try:
            answer = await payers[payer].ask(PAY, input=given)
        except Refused as refused:
            run.others[f"refused: {refused}"] += 1
            return
        run.answered[answer["extensions"]["requestId"]] = time.time()

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(payments):
            await asyncio.sleep(max(0.0, begin + number / PAYMENTS_PER_SECOND - time.perf_counter()))
            tasks.create_task(pay(number))
    run.seconds = time.perf_counter() - begin


async def _commits(house: House) -> dict[str, float]:
    """When the transaction of each request was committed."""
    database = open_database(house.database_url)
    async with database.read() as connection:
        rows = (await connection.execute(COMMITTED)).all()
    await database.close()
    return {row.request_id: row.at for row in rows}


def figures(run: Run, committed: dict[str, float]) -> list[Figure]:
    """The latencies, the rate that was really reached, and whether each event came once."""
    latencies = {
        "commit": [(frame.arrived_at - committed[frame.request]) * 1000 for frame in run.heard],
        "occurredAt": [(frame.arrived_at - frame.occurred_at) * 1000 for frame in run.heard],
        "the answer": [(frame.arrived_at - run.answered[frame.request]) * 1000 for frame in run.heard],
    }
    others = [
        Figure(f"  since {name}: p50, p95, p99", ", ".join(f"{percentile(each, p):.1f}" for p in (0.5, 0.95, 0.99)))
        for name, each in latencies.items()
    ]
    processor = [
        Figure(f"  processor, {name}", f"{used * 1000 / len(run.answered):.1f} ms a payment")
        for name, used in run.processor.items()
    ]
    whole = len(run.heard) / run.seconds
    faults = f"{run.lost} lost, {run.doubled} doubled"
    return [
        below("commit → socket, p50", percentile(latencies["commit"], 0.5), P50_MS, "ms"),
        below("commit → socket, p95", percentile(latencies["commit"], 0.95), P95_MS, "ms"),
        Figure(f"  of {len(run.heard)} events", faults, "none", run.lost == run.doubled == 0),
        Figure("  events a second", f"{whole:.1f}", f"{EVENTS_PER_SECOND}", whole >= EVENTS_PER_SECOND * 0.98),
        *others,
        *processor,
        Figure("  cores that others on this machine kept busy", f"{run.foreign_cores:.2f}"),
        *(Figure(f"  besides: {name}", str(count)) for name, count in run.others.items() if name != "WalletSnapshot"),
    ]

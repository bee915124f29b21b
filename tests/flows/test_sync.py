"""A device comes back from where no network was: it pushes to two processes at once, and each tip is given once."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in, fund

PUSH = """
mutation($operations: [SyncOperationInput!]!) { syncPush(input: {operations: $operations}) {
  results { __typename idempotencyKey
    ... on SyncAccepted { subject { ... on Tip { id } } }
    ... on SyncReplayed { subject { ... on Tip { id } } }
    ... on SyncConflict { error { reason } currentVersion }
    ... on SyncRefused { errors { code reason retryable } } }
  errors { code } } }
"""
PULL = """
query($after: String) { syncPull(after: $after) { nextCursor hasMore
  changes { __typename ... on Tip { id state amount { amount } } ... on Worker { version } } } }
"""
REGISTER = """
mutation($input: WorkerRegisterInput!) { workerRegister(input: $input) { worker { id } errors { code } } }
"""
PROFILE = {
    "name": "Otieno",
    "trade": "Waiter",
    "placeName": "Java House",
    "place": {"latitude": -1.286389, "longitude": 36.817223},
}


async def pulled(person: Caller, after: str | None, *, until: int) -> Any:
    """What a device learns until it knows so many changes; a moment is passed while others commit."""
    seen: list[Any] = []
    for _ in range(100):
        page = await person.run(PULL, after=after)
        seen, after = seen + page["changes"], page["nextCursor"]
        if len(seen) >= until:
            return seen, after
        await asyncio.sleep(0.05)
    raise AssertionError(f"learned {seen}")


async def test_a_queue_that_is_pushed_to_two_processes_at_once_is_given_once(
    market: Market, http: aiohttp.ClientSession, finance: Caller
) -> None:
    worker, giver = await come_in(market, http), await come_in(market, http)
    worker_id = (await worker.do(REGISTER, input=PROFILE))["worker"]["id"]
    (profile,), begun = await pulled(worker, None, until=1)
    await fund(finance, giver, "100.00")
    queue = [
        {
            "tipGive": {
                "workerId": worker_id,
                "amount": {"amount": f"{number}0.00", "asset": "KES"},
                "idempotencyKey": f"device-{number}",
            }
        }
        for number in (1, 2, 3, 9)
    ]

    one, other = await asyncio.gather(
        giver.do(PUSH, operations=queue), giver.at(market.urls["b"]).do(PUSH, operations=queue)
    )

    results = list(zip(one["results"], other["results"], strict=True))
    for ours, theirs in results[:3]:
        assert {ours["__typename"], theirs["__typename"]} == {"SyncAccepted", "SyncReplayed"}
        assert ours["subject"] == theirs["subject"]
    for refused in results[3]:
        assert (refused["__typename"], refused["errors"][0]["reason"]) == ("SyncRefused", "INSUFFICIENT_FUNDS")
    assert profile == {"__typename": "Worker", "version": 0}
    learned, after = await pulled(worker, begun, until=3)
    assert [change["id"] for change in learned] == [ours["subject"]["id"] for ours, _ in results[:3]]
    assert {change["state"] for change in learned} == {"PAID"}
    again = await worker.at(market.urls["b"]).run(PULL, after=after)
    assert (again["changes"], again["hasMore"]) == ([], False)

"""M-Pesa's callbacks, a thousand a second: each is stored, in a commit that is synced to disk, and answered 200.

They come when they come: a latency is counted from the moment a callback was due, whether a connection was free or not.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

import orjson
from sqlalchemy import text

from bench.figures import Figure, below, percentile
from bench.house import House
from db.engine import open_database
from domain.ids import new_id
from domain.payments.mpesa_request import digest_of

PER_SECOND: Final = 1_000
SECONDS: Final = 10
WARM_UP_SECONDS: Final = 2
CONNECTIONS: Final = 64
P99_MS: Final = 50
OK: Final = b"HTTP/1.1 200"

_PROMPTS: Final = text(
    """
    with asked as (
        insert into payment_intents (id, payer_id, purpose, rail, amount_minor, amount_asset, state,
            provider_reference, created_at, updated_at, expires_at, version)
        select one.id, (select id from users limit 1), 'TOP_UP', 'MPESA', 15000, 'KES', 'AWAITING_PAYER',
            one.checkout, now(), now(), now() + interval '15 minutes', 1
        from unnest(cast(:ids as uuid[]), cast(:checkouts as text[])) as one (id, checkout)
    )
    insert into mpesa_requests (payment_id, phone, reference, state, attempts, next_attempt_at, callback_digest,
        requested_at, checkout_request_id, queries)
    select one.id, '+254708374149', one.reference, 'SENT', 1, now(), one.digest, now(), one.checkout, 0
    from unnest(cast(:ids as uuid[]), cast(:checkouts as text[]), cast(:references as text[]),
        cast(:digests as bytea[])) as one (id, checkout, reference, digest)
    """
)


@dataclass
class Run:
    """What was measured, in seconds."""

    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0
    kept: int = 0


def measure(house: House, url: str) -> list[Figure]:
    """At one API process."""
    run = asyncio.run(_measure(house, int(url.rpartition(":")[2])))
    rate = len(run.latencies) / run.seconds
    wanted = PER_SECOND * SECONDS
    return [
        below(f"callback due → stored and answered, p99, {PER_SECOND:,} a second", _p(run, 0.99), P99_MS, "ms"),
        Figure("  p50, p95, slowest", f"{_p(run, 0.5):.1f}, {_p(run, 0.95):.1f}, {_p(run, 1):.1f} ms"),
        Figure("  answered a second, not with 200", f"{rate:.0f}, {run.refused}"),
        Figure(f"  stored, of {wanted:,}", f"{run.kept:,}", f"{wanted:,}", run.kept == wanted),
    ]


def _p(run: Run, share: float) -> float:
    return percentile(run.latencies, share) * 1000


async def _measure(house: House, port: int) -> Run:
    database = open_database(house.database_url, pool_size=2)
    try:
        count = PER_SECOND * (SECONDS + WARM_UP_SECONDS)
        tokens = [secrets.token_urlsafe(24) for _ in range(count)]
        async with database.transaction() as connection:
            await connection.execute(
                _PROMPTS,
                {
                    "ids": [new_id() for _ in tokens],
                    "checkouts": [f"ws_CO_{number}" for number in range(count)],
                    "references": [f"BN{number:010}" for number in range(count)],
                    "digests": [digest_of(token) for token in tokens],
                },
            )
        requests = [_request(token, number) for number, token in enumerate(tokens)]
        await _sent(port, requests[: PER_SECOND * WARM_UP_SECONDS])
        run = await _sent(port, requests[PER_SECOND * WARM_UP_SECONDS :])
        async with database.read() as connection:
            kept = await connection.execute(text("select count(*) from mpesa_callbacks"))
            run.kept = kept.scalar_one() - PER_SECOND * WARM_UP_SECONDS
        return run
    finally:
        await database.close()


def _request(token: str, number: int) -> bytes:
    items = [
        {"Name": "Amount", "Value": 150.0},
        {"Name": "MpesaReceiptNumber", "Value": f"SBN{number:07}"},
        {"Name": "Balance"},
        {"Name": "TransactionDate", "Value": 20261120153000},
        {"Name": "PhoneNumber", "Value": 254708374149},
    ]
    said = {
        "MerchantRequestID": f"29115-{number}-1",
        "CheckoutRequestID": f"ws_CO_{number}",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    }
    body = orjson.dumps({"Body": {"stkCallback": said}})
    head = f"POST /callbacks/stk/{token} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _sent(port: int, requests: list[bytes]) -> Run:
    run, due = Run(), asyncio.Queue[tuple[float, bytes]]()
    senders = [asyncio.create_task(_sender(port, due, run)) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for number, request in enumerate(requests):
        at = started + number / PER_SECOND
        if (early := at - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        due.put_nowait((at, request))
    await due.join()
    run.seconds = time.perf_counter() - started
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    return run


async def _sender(port: int, due: asyncio.Queue[tuple[float, bytes]], run: Run) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            at, request = await due.get()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            run.latencies.append(time.perf_counter() - at)
            run.refused += not head.startswith(OK)
            due.task_done()
    finally:
        writer.close()

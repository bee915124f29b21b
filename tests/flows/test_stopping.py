"""A process that is told to stop: whoever is connected hears of it, what was begun is done whole or not at all."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest
from sqlalchemy import text

from db.engine import Database, open_database
from tests.flows.client import Caller
from tests.flows.documents import LISTING_EVENTS, TRANSFER_CREATE, WALLET
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.transport.forms import HEADERS, Form

NAME: Final = "stopping"
GONE_SECONDS: Final = 10.0
SOCKETS: Final = 100
PROTOCOL: Final = "graphql-transport-ws"
MULTIPART: Final = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json'
EVENTS: Final = "text/event-stream"
FEED: Final = {"query": LISTING_EVENTS, "variables": {"filter": {"city": "Kituo"}}}


@pytest.fixture
async def process(market: Market) -> AsyncIterator[str]:
    """An API process of its own, and its address."""
    market.start_api(NAME)
    await market.until_ready(NAME)
    yield market.urls[NAME]
    if market.processes[NAME].poll() is None:
        market.kill(NAME)
    del market.processes[NAME], market.urls[NAME]


@pytest.fixture
async def database(market: Market) -> AsyncIterator[Database]:
    opened = open_database(market.database_url)
    yield opened
    await opened.close()


@asynccontextmanager
async def locked(database: Database, table: str, mode: str) -> AsyncIterator[None]:
    async with database.transaction() as connection:
        await connection.execute(text(f"lock table {table} in {mode} mode"))
        yield


async def greeted(http: aiohttp.ClientSession, url: str, token: str | None) -> aiohttp.ClientWebSocketResponse:
    socket = await http.ws_connect(f"{url}/graphql", protocols=(PROTOCOL,))
    payload = {"authorization": f"Bearer {token}"} if token else None
    await socket.send_json({"type": "connection_init", "payload": payload})
    assert (await socket.receive_json(timeout=5))["type"] == "connection_ack"
    return socket


async def listening(http: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    socket = await greeted(http, url, None)
    await socket.send_json({"id": "feed", "type": "subscribe", "payload": FEED})
    assert (await socket.receive_json(timeout=5))["type"] == "next"
    return socket


async def end_of(socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
    while (message := await socket.receive(GONE_SECONDS)).type is aiohttp.WSMsgType.TEXT:
        pass
    return message.data, str(message.extra)


async def stream(http: aiohttp.ClientSession, url: str, accept: str, ready: asyncio.Semaphore) -> bytes:
    """Everything that a stream tells, to its end."""
    async with http.post(f"{url}/graphql", json=FEED, headers={"Accept": accept}) as response:
        told: bytes = await response.content.readany()
        ready.release()
        return told + await response.content.read()


async def halting_upload(http: aiohttp.ClientSession, url: str) -> tuple[int, Any]:
    """Half a form, whose other half never comes."""
    form = Form().json("operations", {"query": "{ __typename }", "variables": {"f": None}})
    half = form.json("map", {"0": ["variables.f"]}).file("0", b"x" * 100_000).body()[:-50_000]

    async def halting() -> AsyncIterator[bytes]:
        yield half
        await asyncio.sleep(60)

    async with http.post(f"{url}/graphql", data=halting(), headers=HEADERS) as response:
        return response.status, await response.json()


def paying(payer: Caller, payee: Caller, key: str) -> dict[str, Any]:
    given = {
        "fromWalletId": payer.wallets["KES"],
        "recipientId": payee.user_id,
        "amount": {"amount": "1.00", "asset": "KES"},
        "idempotencyKey": key,
    }
    return {"input": given}


async def pay_by_socket(socket: aiohttp.ClientWebSocketResponse, payer: Caller, payee: Caller) -> tuple[Any, int]:
    payload = {"query": TRANSFER_CREATE, "variables": paying(payer, payee, "stop-socket")}
    await socket.send_json({"id": "pay", "type": "subscribe", "payload": payload})
    told = await socket.receive_json(timeout=GONE_SECONDS)
    code, _ = await end_of(socket)
    return told["payload"]["data"]["transferCreate"], code


async def ask(caller: Caller, query: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.http.post(f"{caller.url}/graphql", json={"query": query}, headers=headers) as response:
        return response.status, await response.json()


def stop(market: Market) -> asyncio.Task[float]:
    """Tell the process to stop; how long it takes, in seconds."""
    process, begun = market.processes[NAME], time.monotonic()

    async def gone() -> float:
        await asyncio.to_thread(process.wait, GONE_SECONDS + 5)
        return time.monotonic() - begun

    process.send_signal(signal.SIGTERM)
    return asyncio.create_task(gone())


async def test_everybody_is_told_and_what_was_begun_is_done_whole_or_not_at_all(
    market: Market, process: str, database: Database, customer: Caller, http: aiohttp.ClientSession
) -> None:
    payer, payee = customer.at(process), await come_in(market, http)
    opened = asyncio.Semaphore(0)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as crowd:
        streams = [asyncio.create_task(stream(crowd, process, form, opened)) for form in (EVENTS, MULTIPART) * 3]
        sockets = await asyncio.gather(*(listening(crowd, process) for _ in range(SOCKETS)))
        for _ in streams:
            await opened.acquire()
        own = await greeted(crowd, process, payer.token)
        async with locked(database, "listings", "access exclusive"):
            async with locked(database, "ledger_transfers", "share"):
                uploading = asyncio.create_task(halting_upload(crowd, process))
                reading = asyncio.create_task(ask(payer, "{ listings(first: 1) { nodes { id } } }"))
                paying_by_http = asyncio.create_task(payer.do(TRANSFER_CREATE, **paying(payer, payee, "stop-http")))
                paying_by_socket = asyncio.create_task(pay_by_socket(own, payer, payee))
                await asyncio.sleep(0.5)

                leaving = stop(market)
                await asyncio.sleep(1)
                with pytest.raises(aiohttp.ClientConnectorError):
                    await payee.at(process).ask("{ viewer { id } }")
            seconds = await leaving
        ends = await asyncio.gather(*map(end_of, sockets))
        told = [await each for each in streams]
        by_http, (by_socket, socket_code) = await paying_by_http, await paying_by_socket
        (read_status, read), (upload_status, upload) = await reading, await uploading

    assert seconds < GONE_SECONDS
    assert set(ends) == {(1012, "service restart")}
    assert all(each.endswith(b"event: complete\ndata:\n\n") for each in told[0::2])
    assert all(each.endswith(b"\r\n--graphql--\r\n") for each in told[1::2])
    assert (upload_status, upload["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert upload["errors"][0]["extensions"]["requestId"]
    assert read_status in (200, 503)
    assert read["errors"][0]["extensions"]["requestId"]
    assert (by_http["errors"], by_socket["errors"], socket_code) == ([], [], 1012)
    wallet = await payee.run(WALLET, id=payee.wallets["KES"])
    assert (wallet["available"]["amount"], wallet["version"]) == ("2.00", 2)


async def test_a_command_that_cannot_be_done_in_time_is_not_done(
    market: Market, process: str, database: Database, customer: Caller, http: aiohttp.ClientSession
) -> None:
    payer, payee = customer.at(process), await come_in(market, http)
    headers = {"Authorization": f"Bearer {payer.token}"}
    body = {"query": TRANSFER_CREATE, "variables": paying(payer, payee, "stop-late")}

    async def send() -> Any:
        async with http.post(f"{process}/graphql", json=body, headers=headers) as response:
            return await response.json()

    async with locked(database, "ledger_transfers", "share"):
        sending: Awaitable[Any] = asyncio.create_task(send())
        await asyncio.sleep(0.5)
        leaving = stop(market)
        answer = await sending
        seconds = await leaving

    assert seconds < GONE_SECONDS
    refused = answer.get("errors") or answer["data"]["transferCreate"]["errors"]
    assert refused
    assert (await payee.run(WALLET, id=payee.wallets["KES"]))["version"] == 0

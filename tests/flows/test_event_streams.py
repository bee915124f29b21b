"""The same streams as server-sent events: every item has an id, and Last-Event-ID resumes behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.flows.client import Caller
from tests.flows.documents import TRANSFER_CREATE, USER_BLOCK, USER_EVENTS, WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in

PATIENCE_SECONDS = 10


class Events:
    """One event stream, read as a browser's EventSource does."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self._content = content

    async def next(self) -> tuple[str, str, Any]:
        """The next event's name, id and data; comments are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (line := (await self._content.readline()).decode().rstrip("\n")) or not fields:
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
        data = fields.get("data", "")
        return fields["event"], fields.get("id", ""), json.loads(data) if data else None


@asynccontextmanager
async def events(caller: Caller, document: str, *, last_event_id: str = "", **variables: Any) -> AsyncIterator[Events]:
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {caller.token}"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    body = {"query": document, "variables": variables}
    async with caller.http.post(f"{caller.url}/graphql", json=body, headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Events(response.content)


async def pay(payer: Caller, payee: Caller, key: str) -> None:
    given = {
        "fromWalletId": payer.wallets["KES"],
        "recipientId": payee.user_id,
        "amount": {"amount": "1.00", "asset": "KES"},
        "idempotencyKey": key,
    }
    await payer.do(TRANSFER_CREATE, input=given)


async def test_last_event_id_resumes_a_stream_without_hole_or_double(
    market: Market, http: aiohttp.ClientSession, customer: Caller
) -> None:
    person = await come_in(market, http)
    wallet_id = person.wallets["KES"]
    async with events(person, WALLET_EVENTS, id=wallet_id) as first:
        begin = await first.next()
        await pay(customer, person, "events-1")
        update = await first.next()
    await pay(customer, person, "events-2")
    await pay(customer, person, "events-3")

    async with events(person.at(market.urls["b"]), WALLET_EVENTS, last_event_id=update[1], id=wallet_id) as second:
        missed = [await second.next(), await second.next()]
        await pay(customer, person, "events-4")
        last = await second.next()

    items = [item["data"]["walletEvents"] for _, _, item in (begin, update, *missed, last)]
    assert [item["__typename"] for item in items] == ["WalletSnapshot", *["WalletUpdated"] * 4]
    assert [item["wallet"]["version"] for item in items[1:]] == [1, 2, 3, 4]
    assert [id for _, id, _ in (begin, update, *missed, last)] == [item["cursor"] for item in items]


async def test_a_query_as_events_is_one_answer_and_the_end(market: Market, http: aiohttp.ClientSession) -> None:
    person = await come_in(market, http)

    async with events(person, "{ viewer { id } }") as stream:
        answered, ended = await stream.next(), await stream.next()

    assert answered[0] == "next"
    assert answered[2]["data"] == {"viewer": {"id": person.user_id}}
    assert ended == ("complete", "", None)


async def test_a_foreign_cursor_ends_the_stream_with_an_error(market: Market, http: aiohttp.ClientSession) -> None:
    person = await come_in(market, http)

    async with events(person, WALLET_EVENTS, last_event_id="forged", id=person.wallets["KES"]) as stream:
        told, ended = await stream.next(), await stream.next()

    assert told[2]["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"
    assert ended[0] == "complete"


async def test_the_stream_of_a_blocked_person_says_why_and_ends(
    market: Market, http: aiohttp.ClientSession, admin: Caller
) -> None:
    person = await come_in(market, http)

    async with events(person.at(market.urls["b"]), USER_EVENTS) as stream:
        began = await stream.next()
        await admin.do(USER_BLOCK, input={"userId": person.user_id, "reason": "Sold what was not theirs."})
        told = closed = await stream.next()
        while "errors" not in closed[2]:  # sessions that end are told as well
            closed = await stream.next()
        ended = await stream.next()

    assert began[2]["data"]["userEvents"]["__typename"] == "UserSnapshot"
    assert told[2]["data"]["userEvents"]["__typename"] == "UserBlocked"
    assert closed[2]["errors"][0]["extensions"] == {"code": "AUTHENTICATION_ERROR", "closeCode": 4403}
    assert ended[0] == "complete"


async def test_a_stream_in_parts_is_resumed_by_the_same_cursors(
    market: Market, http: aiohttp.ClientSession, customer: Caller
) -> None:
    person = await come_in(market, http)
    wallet_id = person.wallets["KES"]
    async with events(person, WALLET_EVENTS, id=wallet_id) as first:
        begin = await first.next()
    await pay(customer, person, "parts-1")
    body = {"query": WALLET_EVENTS, "variables": {"id": wallet_id}}
    headers = {
        "Accept": 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json',
        "Authorization": f"Bearer {person.token}",
        "Last-Event-ID": begin[1],
    }

    async with http.post(f"{person.url}/graphql", json=body, headers=headers) as response:
        async with asyncio.timeout(PATIENCE_SECONDS):
            part = await response.content.readuntil(b"}\r\n--graphql")

    told = json.loads(part.removesuffix(b"\r\n--graphql").rpartition(b"\r\n\r\n")[2])["payload"]["data"]["walletEvents"]
    assert (told["__typename"], told["wallet"]["version"]) == ("WalletUpdated", 1)

"""One stream in both forms over HTTP: each byte of it, heartbeats, and every way in which it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn

from tests.realtime.notes import until
from tests.transport.doors import OpenDoor
from tests.transport.serving import served
from transport.endpoint import Endpoint
from transport.event_stream import EventFraming
from transport.multipart import MultipartFraming
from transport.operations import Operations

WAIT_SECONDS = 5
EVENTS = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json'


@strawberry.type
class Query:
    @strawberry.field
    def number(self) -> int:
        return 7


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def forever(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    @strawberry.subscription
    async def broken(self) -> AsyncIterator[int]:
        yield 1
        raise ValueError("no more")


@pytest.fixture(scope="module")
def door() -> OpenDoor:
    return OpenDoor()


@pytest.fixture(scope="module")
async def url(door: OpenDoor) -> AsyncIterator[str]:
    operations = Operations(strawberry.Schema(Query, subscription=Subscription))
    async with served(uvicorn.Config(Endpoint(operations, surroundings=door), log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def whole(http: aiohttp.ClientSession, url: str, query: str, accept: str) -> tuple[str, bytes]:
    async with asyncio.timeout(WAIT_SECONDS), http.post(url, json={"query": query}, headers={"Accept": accept}) as got:
        return got.headers["Content-Type"], await got.read()


def part(value: Any) -> bytes:
    return b"\r\ncontent-type: application/json\r\n\r\n" + json.dumps(value, separators=(",", ":")).encode()


def event(value: Any) -> bytes:
    return b"event: next\ndata: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


async def test_a_subscription_in_parts_begins_with_a_boundary_and_ends_with_the_closing_one(
    http: aiohttp.ClientSession, url: str
) -> None:
    content_type, body = await whole(http, url, "subscription { count(to: 2) }", MULTIPART)

    parts = [part({"payload": {"data": {"count": number}}}) for number in (1, 2)]
    assert content_type == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    assert body == b"--graphql" + b"\r\n--graphql".join(parts) + b"\r\n--graphql--\r\n"


async def test_a_subscription_as_events_has_lines_that_end_with_lf(http: aiohttp.ClientSession, url: str) -> None:
    content_type, body = await whole(http, url, "subscription { count(to: 2) }", EVENTS)

    assert content_type == "text/event-stream; charset=utf-8"
    events = [event({"data": {"count": number}}) for number in (1, 2)]
    assert body == b"".join(events) + b"event: complete\ndata:\n\n"
    assert b"\r" not in body


async def test_a_subscription_that_tells_nothing_has_no_part(http: aiohttp.ClientSession, url: str) -> None:
    assert (await whole(http, url, "subscription { count(to: 0) }", MULTIPART))[1] == b"--graphql--\r\n"
    assert (await whole(http, url, "subscription { count(to: 0) }", EVENTS))[1] == b"event: complete\ndata:\n\n"


async def test_a_part_is_whole_as_soon_as_it_is_told(http: aiohttp.ClientSession, url: str, door: OpenDoor) -> None:
    """Clients wait for the boundary behind a part."""
    asked = {"query": "subscription { forever }"}
    async with http.post(url, json=asked, headers={"Accept": MULTIPART}) as response:
        async with asyncio.timeout(WAIT_SECONDS):
            first = await response.content.readuntil(b"1}}}\r\n--graphql")
        await door.closes[-1](4403, "access ended")
        rest = await asyncio.wait_for(response.content.read(), WAIT_SECONDS)

    error = {"message": "access ended", "extensions": {"code": "AUTHENTICATION_ERROR", "closeCode": 4403}}
    assert first == b"--graphql" + part({"payload": {"data": {"forever": 1}}}) + b"\r\n--graphql"
    assert rest == part({"payload": None, "errors": [error]}) + b"\r\n--graphql--\r\n"


@pytest.mark.parametrize(
    ("framing", "accept", "heartbeat"),
    [(MultipartFraming, MULTIPART, part({}) + b"\r\n--graphql"), (EventFraming, EVENTS, b":\n\n")],
)
async def test_a_silent_stream_says_that_it_lives(
    http: aiohttp.ClientSession,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    framing: type,
    accept: str,
    heartbeat: bytes,
) -> None:
    monkeypatch.setattr(framing, "heartbeat_seconds", 0.05)

    async with http.post(url, json={"query": "subscription { forever }"}, headers={"Accept": accept}) as response:
        async with asyncio.timeout(WAIT_SECONDS):
            read = b""
            while not read.endswith(heartbeat * 2):
                read += await response.content.readany()

    assert read.count(heartbeat) >= 2


def test_heartbeats_are_as_frequent_as_the_protocols_clients_expect() -> None:
    assert (EventFraming().heartbeat_seconds, MultipartFraming().heartbeat_seconds) == (15, 5)


async def test_a_source_that_fails_ends_its_stream_with_the_reason(http: aiohttp.ClientSession, url: str) -> None:
    _, parts = await whole(http, url, "subscription { broken }", MULTIPART)
    _, events = await whole(http, url, "subscription { broken }", EVENTS)

    assert parts.endswith(part({"payload": None, "errors": [{"message": "no more"}]}) + b"\r\n--graphql--\r\n")
    assert events.endswith(event({"errors": [{"message": "no more"}]}) + b"event: complete\ndata:\n\n")


async def test_an_operation_that_cannot_begin_is_one_event_and_the_end(http: aiohttp.ClientSession, url: str) -> None:
    content_type, body = await whole(http, url, "subscription { nothing }", EVENTS)

    lines = body.split(b"\n\n")
    assert content_type == "text/event-stream; charset=utf-8"
    assert json.loads(lines[0].removeprefix(b"event: next\ndata: ")).keys() == {"errors"}
    assert lines[1:] == [b"event: complete\ndata:", b""]


@pytest.mark.parametrize(
    ("query", "accept", "told"),
    [
        ("{ number }", MULTIPART, "application/json; charset=utf-8"),
        ("subscription { nothing }", MULTIPART, "application/json; charset=utf-8"),
        ("{ number }", "application/graphql-response+json, application/json, text/event-stream", "application/graphql"),
        ("{ number }", "text/event-stream;q=0.5, application/json;q=0.9", "application/json; charset=utf-8"),
        ("{ number }", "multipart/mixed, application/json, text/event-stream", "application/json; charset=utf-8"),
        ("{ number }", 'multipart/mixed;subscriptionSpec="1.0", */*', "application/json; charset=utf-8"),
        ("{ number }", "text/event-stream, application/json;q=0.9", "text/event-stream"),
        ("subscription { count(to: 1) }", "application/json, text/event-stream", "text/event-stream"),
        ("subscription { count(to: 1) }", f"{MULTIPART}, text/event-stream", "multipart/mixed"),
        ("subscription { count(to: 1) }", f"text/event-stream, {MULTIPART}", "text/event-stream"),
        ("subscription { count(to: 1) }", f"text/event-stream;q=0.1, {MULTIPART}", "multipart/mixed"),
        ("subscription { count(to: 1) }", "multipart/mixed;deferSpec=20220824,application/json", "application/json"),
        ("subscription { count(to: 1) }", "application/json", "application/json"),
    ],
)
async def test_the_form_is_what_the_client_wants_most_and_the_operation_allows(
    http: aiohttp.ClientSession, url: str, query: str, accept: str, told: str
) -> None:
    content_type, _ = await whole(http, url, query, accept)

    assert content_type.startswith(told)


async def test_nobody_on_the_way_may_keep_or_change_a_stream(http: aiohttp.ClientSession, url: str) -> None:
    headers = {"Accept": MULTIPART, "Accept-Encoding": "gzip, br"}
    async with http.post(url, json={"query": "subscription { count(to: 1) }"}, headers=headers) as response:
        await response.read()

    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert "Content-Encoding" not in response.headers


async def test_the_end_of_a_stream_is_told_to_whoever_opened_it(
    http: aiohttp.ClientSession, url: str, door: OpenDoor
) -> None:
    for accept in (EVENTS, MULTIPART):
        await whole(http, url, "subscription { count(to: 1) }", accept)

    await until(lambda: door.sessions == 0)

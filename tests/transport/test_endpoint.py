"""What clients send, and what they must get, over real sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn

from tests.transport.serving import served
from transport import socket_operation
from transport.endpoint import Endpoint
from transport.operations import Operations
from transport.surroundings import Caller, Close, Refused
from transport.websocket import websocket_protocol

WAIT_SECONDS = 5


@strawberry.type
class Query:
    @strawberry.field
    async def never(self) -> int:
        await asyncio.Event().wait()
        return 0

    @strawberry.field
    async def number(self, info: strawberry.Info[Any, None]) -> int:
        number: int = info.context["number"]
        return number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def forever(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()


class Session:
    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def context(self) -> Any:
        """A number of its own."""
        return {"number": next(self.gate.numbers)}

    def ended(self) -> None:
        self.gate.ended.set()


class Gate:
    """Surroundings that let everybody in but the token "bad", and number the contexts they make."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.closes: list[Close] = []
        self.ended = asyncio.Event()

    async def of_request(self, caller: Caller) -> Any:
        if caller.header(b"authorization") == "Bearer bad":
            raise Refused("The token is no good.", code="AUTHENTICATION_ERROR")
        return {"number": next(self.numbers)}

    def of_stream(self, context: Any, close: Close) -> Session:
        self.closes.append(close)
        return Session(self)

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> Session:
        if parameters.get("authorization") == "Bearer bad":
            raise Refused("The token is no good.", code="AUTHENTICATION_ERROR")
        self.closes.append(close)
        return Session(self)


@pytest.fixture
async def gate() -> Gate:
    return Gate()


@pytest.fixture(params=["websockets-sansio", websocket_protocol()], ids=["uvicorn's", "ours"])
async def url(gate: Gate, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    schema = strawberry.Schema(Query, subscription=Subscription)
    config = uvicorn.Config(
        Endpoint(Operations(schema), surroundings=gate),
        ws=request.param,
        ws_per_message_deflate=False,
        log_config=None,
    )
    async with served(config) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def socket(http: aiohttp.ClientSession, url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with http.ws_connect(url, protocols=("graphql-transport-ws",)) as connection:
        yield connection


def deep(levels: int) -> Any:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


async def close_of(socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
    message = await socket.receive(WAIT_SECONDS)
    assert message.type is aiohttp.WSMsgType.CLOSE, message
    return message.data, str(message.extra)


async def greet(socket: aiohttp.ClientWebSocketResponse, **init: Any) -> None:
    await socket.send_json({"type": "connection_init", **init})
    assert await socket.receive_json(timeout=WAIT_SECONDS) == {"type": "connection_ack"}


async def test_a_refused_token_is_a_json_error_and_nothing_runs(
    http: aiohttp.ClientSession, url: str, gate: Gate
) -> None:
    headers = {"Authorization": "Bearer bad"}

    async with http.post(url, json={"query": "{number}"}, headers=headers) as answer:
        body = await answer.json()

    assert answer.status == 401
    assert body == {"errors": [{"message": "The token is no good.", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}
    assert next(gate.numbers) == 1


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[[[[", b"", b"null", b"5", b'"{number}"', b"[]"])
async def test_a_body_that_is_no_json_object_is_a_json_error(
    http: aiohttp.ClientSession, url: str, body: bytes
) -> None:
    async with http.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
        told = await answer.json()

    assert answer.status == 400
    assert told["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_null_payload_lets_a_client_in(socket: aiohttp.ClientWebSocketResponse) -> None:
    await greet(socket, payload=None)


async def test_every_operation_of_a_socket_has_surroundings_of_its_own(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    await greet(socket)

    answers = []
    for id in ("a", "b"):
        await socket.send_json({"id": id, "type": "subscribe", "payload": {"query": "{number}"}})
        answers.append((await socket.receive_json(timeout=WAIT_SECONDS))["payload"]["data"]["number"])
        assert await socket.receive_json(timeout=WAIT_SECONDS) == {"id": id, "type": "complete"}

    assert answers == [1, 2]


async def test_a_refused_token_closes_4403_with_the_reason(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json({"type": "connection_init", "payload": {"authorization": "Bearer bad"}})

    assert await close_of(socket) == (4403, "The token is no good.")


@pytest.mark.parametrize(
    "frame",
    ["7", "null", '"text"', "[]", "{}", '{"type": 1}', "{", '{"type": "connection_init", "payload": []}'],
)
async def test_a_frame_that_is_no_message_closes_4400(socket: aiohttp.ClientWebSocketResponse, frame: str) -> None:
    await socket.send_str(frame)

    code, reason = await close_of(socket)

    assert code == 4400
    assert reason


@pytest.mark.parametrize(
    "message",
    [
        {"type": "subscribe", "id": "", "payload": {"query": "{number}"}},
        {"type": "subscribe", "id": 1, "payload": {"query": "{number}"}},
        {"type": "subscribe", "id": "a"},
        {"type": "subscribe", "id": "a", "payload": {"query": 1}},
        {"type": "subscribe", "id": "a", "payload": {"query": "{number}", "variables": []}},
        {"type": "subscribe", "id": "a", "payload": {"query": "{number}", "operationName": 1}},
        {"type": "nonsense"},
        {"type": "ping", "payload": {"deep": deep(300)}},
    ],
)
async def test_a_message_of_wrong_form_closes_4400(
    socket: aiohttp.ClientWebSocketResponse, message: dict[str, Any]
) -> None:
    await greet(socket)

    await socket.send_json(message)

    assert (await close_of(socket))[0] == 4400


async def test_a_second_init_closes_4429(socket: aiohttp.ClientWebSocketResponse) -> None:
    await greet(socket)

    await socket.send_json({"type": "connection_init"})

    assert (await close_of(socket))[0] == 4429


async def test_subscribing_before_the_acknowledgement_closes_4401(socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "{number}"}})

    assert (await close_of(socket))[0] == 4401


async def test_a_ping_is_answered_with_its_own_payload(socket: aiohttp.ClientWebSocketResponse) -> None:
    await greet(socket)

    await socket.send_json({"type": "ping", "payload": {"n": 1}})

    assert await socket.receive_json(timeout=WAIT_SECONDS) == {"type": "pong", "payload": {"n": 1}}


async def test_an_operation_that_takes_too_long_ends_with_an_error_and_leaves_the_socket(
    socket: aiohttp.ClientWebSocketResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_operation, "OPERATION_SECONDS_MAX", 0.1)
    await greet(socket)

    await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "{never}"}})
    told = await socket.receive_json(timeout=WAIT_SECONDS)
    await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "{number}"}})

    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "TIMEOUT")
    assert (await socket.receive_json(timeout=WAIT_SECONDS))["payload"]["data"] == {"number": 2}


async def test_the_owner_of_the_schema_can_close_a_socket_and_hears_that_it_ended(
    socket: aiohttp.ClientWebSocketResponse, gate: Gate
) -> None:
    await greet(socket)
    await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "subscription{forever}"}})
    assert (await socket.receive_json(timeout=WAIT_SECONDS))["payload"]["data"] == {"forever": 1}

    await gate.closes[0](4403, "You were blocked.")

    assert await close_of(socket) == (4403, "You were blocked.")
    await asyncio.wait_for(gate.ended.wait(), WAIT_SECONDS)


async def test_a_faulty_document_ends_its_operation_and_leaves_the_socket(
    socket: aiohttp.ClientWebSocketResponse,
) -> None:
    await greet(socket)

    await socket.send_json({"id": "a", "type": "subscribe", "payload": {"query": "{nothing}"}})

    assert (await socket.receive_json(timeout=WAIT_SECONDS))["type"] == "error"
    await socket.send_json({"id": "b", "type": "subscribe", "payload": {"query": "{number}"}})
    assert (await socket.receive_json(timeout=WAIT_SECONDS))["type"] == "next"


async def test_the_owner_of_the_schema_can_close_an_event_stream_and_hears_that_it_ended(
    http: aiohttp.ClientSession, url: str, gate: Gate
) -> None:
    asked = {"query": "subscription { forever }"}
    async with http.post(url, json=asked, headers={"Accept": "text/event-stream"}) as response:
        first = await response.content.readuntil(b"\n\n")

        await gate.closes[0](4403, "access ended")

        rest = await asyncio.wait_for(response.content.read(), WAIT_SECONDS)
    assert b'{"forever":1}' in first
    assert b"access ended" in rest
    assert rest.endswith(b"event: complete\ndata:\n\n")
    await asyncio.wait_for(gate.ended.wait(), WAIT_SECONDS)

"""A server that stops: what goes on is ended, what takes too long is told so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn

from tests.transport.doors import OpenDoor
from tests.transport.serving import served
from transport.endpoint import Endpoint
from transport.operations import Operations
from transport.websocket import websocket_protocol

PROTOCOL = "graphql-transport-ws"


@strawberry.type
class Query:
    @strawberry.field
    async def after(self, seconds: float) -> int:
        await asyncio.sleep(seconds)
        return 7


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def forever(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()


class Stopping(uvicorn.Server):
    """As an application would have it that has streams."""

    endpoint: Endpoint

    async def shutdown(self, sockets: Any = None) -> None:
        self.endpoint.stop()
        await super().shutdown(sockets)


@pytest.fixture
async def server() -> AsyncIterator[Stopping]:
    endpoint = Endpoint(Operations(strawberry.Schema(Query, subscription=Subscription)), surroundings=OpenDoor())
    config = uvicorn.Config(endpoint, ws=websocket_protocol(), timeout_graceful_shutdown=1, log_config=None)
    server = Stopping(config)
    server.endpoint = endpoint
    async with served(config, server):
        yield server


def url_of(server: uvicorn.Server) -> str:
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"


async def ask(http: aiohttp.ClientSession, url: str, seconds: float) -> tuple[int, Any]:
    async with http.post(url, json={"query": f"{{ after(seconds: {seconds}) }}"}) as response:
        return response.status, await response.json()


async def test_a_request_is_answered_within_the_grace_and_told_so_behind_it(server: Stopping) -> None:
    async with aiohttp.ClientSession() as http:
        asked = [asyncio.create_task(ask(http, url_of(server), seconds)) for seconds in (0.5, 60)]
        await asyncio.sleep(0.2)
        server.should_exit = True
        soon, never = await asyncio.wait_for(asyncio.gather(*asked), 5)

    error = {"message": "The server is about to stop; try again.", "extensions": {"code": "UNAVAILABLE"}}
    assert soon == (200, {"data": {"after": 7}})
    assert never == (503, {"errors": [error]})


async def test_a_socket_is_closed_when_its_queries_are_answered(server: Stopping) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url_of(server), protocols=(PROTOCOL,)) as socket,
    ):
        await socket.send_json({"type": "connection_init"})
        assert await socket.receive_json(timeout=5) == {"type": "connection_ack"}
        asked = {"a": "subscription { forever }", "b": "{ after(seconds: 0.4) }", "c": "{ after(seconds: 0) }"}
        for id in ("a", "b"):
            await socket.send_json({"type": "subscribe", "id": id, "payload": {"query": asked[id]}})
        assert (await socket.receive_json(timeout=5))["id"] == "a"
        server.should_exit = True
        await asyncio.sleep(0.2)
        await socket.send_json({"type": "subscribe", "id": "c", "payload": {"query": asked["c"]}})
        told = [await socket.receive_json(timeout=5) for _ in range(3)]
        closed = await socket.receive(5)

    assert [(one["id"], one["type"]) for one in told] == [("c", "error"), ("b", "next"), ("b", "complete")]
    assert told[0]["payload"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (closed.data, closed.extra) == (1012, "service restart")


async def test_a_socket_whose_query_takes_too_long_is_closed_with_the_same_words(server: Stopping) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url_of(server), protocols=(PROTOCOL,)) as socket,
    ):
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json(timeout=5)
        payload = {"query": "{ after(seconds: 60) }"}
        await socket.send_json({"type": "subscribe", "id": "a", "payload": payload})
        await asyncio.sleep(0.2)
        server.should_exit = True
        closed = await socket.receive(5)

    assert (closed.data, closed.extra) == (1012, "service restart")

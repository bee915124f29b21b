"""What tests of sockets share: a schema, a server in each of two websocket implementations, and a client's gestures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import pytest
import strawberry
import uvicorn

from tests.realtime.notes import until
from tests.transport.doors import OpenDoor
from tests.transport.serving import served
from transport.endpoint import Endpoint
from transport.operations import Operations
from transport.websocket import websocket_protocol

WAIT_SECONDS: Final = 5
BYTES_MAX: Final = 64 * 1024
PROTOCOL: Final = "graphql-transport-ws"


class Counting(OpenDoor):
    """Counts what was done and what is running."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[int] = []
        self.streams = 0

    def context(self) -> Any:
        """Itself."""
        return self


@strawberry.type
class Query:
    @strawberry.field
    def number(self) -> int:
        return 7

    @strawberry.field
    def echo(self, text: str) -> str:
        return text


@strawberry.type
class Mutation:
    @strawberry.mutation
    def do(self, info: strawberry.Info[Counting, None], number: int) -> int:
        info.context.done.append(number)
        return number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def forever(self, info: strawberry.Info[Counting, None]) -> AsyncIterator[int]:
        info.context.streams += 1
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            info.context.streams -= 1


class Talk:
    """One socket, from a client's side."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def say(self, type: str, **more: Any) -> None:
        """Send a message."""
        await self.connection.send_json({"type": type, **more})

    async def greet(self, **init: Any) -> None:
        """Initialise, and be let in."""
        await self.say("connection_init", **init)
        assert await self.hear() == {"type": "connection_ack"}

    async def ask(self, id: str, query: str, **payload: Any) -> None:
        """Begin an operation."""
        await self.say("subscribe", id=id, payload={"query": query, **payload})

    async def hear(self) -> Any:
        """The next message of the server."""
        return await self.connection.receive_json(timeout=WAIT_SECONDS)

    async def answer(self, id: str, query: str, **payload: Any) -> Any:
        """The only answer of an operation."""
        await self.ask(id, query, **payload)
        told = await self.hear()
        assert (told["id"], told["type"]) == (id, "next"), told
        assert await self.hear() == {"id": id, "type": "complete"}
        return told["payload"]

    async def closed(self) -> tuple[int, str]:
        """How the server ends the socket; nothing is said before."""
        message = await self.connection.receive(WAIT_SECONDS)
        assert message.type is aiohttp.WSMsgType.CLOSE, message
        return message.data, str(message.extra)


@pytest.fixture(scope="module", params=["websockets-sansio", websocket_protocol()], ids=["uvicorn's", "ours"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[tuple[str, Counting]]:
    """A server, and whom it lets in."""
    door = Counting()
    operations = Operations(strawberry.Schema(Query, Mutation, Subscription))
    config = uvicorn.Config(
        Endpoint(operations, surroundings=door),
        ws=request.param,
        ws_max_size=BYTES_MAX,
        ws_per_message_deflate=False,
        log_config=None,
    )
    async with served(config) as address:
        yield address, door


@pytest.fixture
async def door(server: tuple[str, Counting]) -> Counting:
    """Whom the server lets in: nobody is there yet."""
    door = server[1]
    await until(lambda: (door.sessions, door.streams) == (0, 0))
    door.done.clear()
    door.closes.clear()
    return door


@pytest.fixture
async def url(server: tuple[str, Counting]) -> str:
    """Where it is."""
    return server[0]


@pytest.fixture
async def talk(url: str, door: Counting) -> AsyncIterator[Talk]:
    """A socket that was opened and not greeted, the only one."""
    assert door.sessions == 0
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=(PROTOCOL,), autoping=False) as connection,
    ):
        yield Talk(connection)

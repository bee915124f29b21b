"""Peers that are gone without a word, or do not read: let go in time, with everything that ran for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import orjson
import pytest
import strawberry
import uvicorn
from websockets.frames import Frame as Theirs
from websockets.frames import Opcode

from soak.connection import Connection, Frame, slowly
from tests.realtime.notes import until
from tests.transport.serving import served
from transport.endpoint import Endpoint
from transport.liveness import Patience
from transport.operations import Operations
from transport.surroundings import Caller, Close
from transport.websocket import websocket_protocol

PATIENCE_SECONDS = 20.0
# Several times what the buffers of both kernels hold.
UNREAD_BYTES = 64 * 1024 * 1024
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


class Guests:
    """Surroundings that let everybody in and count who is there and what runs for them."""

    def __init__(self) -> None:
        self.sessions = 0
        self.streams = 0

    async def of_request(self, caller: Caller) -> Any:
        """Nobody comes this way."""
        raise AssertionError(caller)

    def of_stream(self, context: Any, close: Close) -> Guests:
        """Nobody comes this way."""
        raise AssertionError(context)

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> Guests:
        """One guest more."""
        self.sessions += 1
        return self

    def context(self) -> Guests:
        """Themselves."""
        return self

    def ended(self) -> None:
        """One guest less."""
        self.sessions -= 1


@strawberry.type
class Query:
    number: int = 7


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: strawberry.Info[Guests, None], size: int, seconds: float) -> AsyncIterator[str]:
        info.context.streams += 1
        try:
            while True:
                yield "x" * size
                await asyncio.sleep(seconds)
        finally:
            info.context.streams -= 1


async def listening(connection: Connection, *, size: int, seconds: float) -> Connection:
    document = "subscription($size: Int!, $seconds: Float!) { ticks(size: $size, seconds: $seconds) }"
    await connection.subscribe(document, size=size, seconds=seconds)
    await anext(connection.frames())
    return connection


async def test_the_deaf_and_those_who_do_not_read_are_let_go_while_their_neighbour_hears_on() -> None:
    guests, heard = Guests(), list[Frame]()
    config = uvicorn.Config(
        Endpoint(Operations(strawberry.Schema(Query, subscription=Subscription)), surroundings=guests),
        ws=websocket_protocol(Patience(silent_seconds=1, answer_seconds=1, stalled_seconds=1)),
        log_config=None,
    )

    async def hear(connection: Connection) -> None:
        async for frame in connection.frames():
            heard.append(frame)

    async with served(config) as address:
        url = address.rstrip("/")
        neighbour = await listening(await Connection.open(url), size=1, seconds=0.05)
        hearing = asyncio.create_task(hear(neighbour))
        deaf = await listening(await Connection.open(url), size=1, seconds=3600)
        unread = await listening(await slowly(url), size=60_000, seconds=0)
        before = (guests.sessions, guests.streams)
        deaf.go_deaf()

        await until(lambda: (guests.sessions, guests.streams) == (1, 1), seconds=PATIENCE_SECONDS)

        count = len(heard)
        await until(lambda: len(heard) > count)
        for gone in (deaf, unread):
            gone.cut()
        await neighbour.close()
        await asyncio.gather(hearing, return_exceptions=True)
    assert before == (3, 3)
    assert (guests.sessions, guests.streams) == (0, 0)


@pytest.mark.parametrize("as_frames", [True, False], ids=["pings", "messages"])
async def test_who_asks_and_does_not_read_the_answers_makes_nothing_pile_up(as_frames: bool) -> None:
    config = uvicorn.Config(
        Endpoint(Operations(strawberry.Schema(Query, subscription=Subscription)), surroundings=Guests()),
        ws=websocket_protocol(Patience(stalled_seconds=60)),
        log_config=None,
    )
    ping = {"type": "ping", "payload": {"much": "x" * 60_000}}
    asking = Theirs(Opcode.PING, b"x" * 125) if as_frames else Theirs(Opcode.TEXT, orjson.dumps(ping))
    asked = asking.serialize(mask=True) * (8_000 if as_frames else 16)

    async with served(config) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)  # it takes in no more unread
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(Theirs(Opcode.TEXT, b'{"type":"connection_init"}').serialize(mask=True))
        await reader.readuntil(b"connection_ack")
        written = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(3):
                while written < UNREAD_BYTES:
                    writer.write(asked)
                    await writer.drain()
                    written += len(asked)
        writer.transport.abort()

    assert written < UNREAD_BYTES

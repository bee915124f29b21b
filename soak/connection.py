"""A graphql-transport-ws client that can also fail as networks do: cut off, gone deaf, or too slow to read."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

OPENING_SECONDS: Final = 30.0
RESET_AT_CLOSE: Final = struct.pack("ii", 1, 0)
SO_ATTACH_FILTER: Final = 26  # Linux; Python has no name for it
ACCEPT_NOTHING: Final = struct.pack("HBBI", 0x06, 0, 0, 0)  # the one instruction `ret #0`


class Lost(Exception):
    """The connection is no more, or could not be made."""

    def __init__(self, why: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Frame:
    """A message about one subscription: `next`, `error` or `complete`. Event streams carry the cursor beside it."""

    subscription: str
    kind: str
    payload: Any
    cursor: str | None = None

    @property
    def item(self) -> dict[str, Any]:
        """What a subscription's only field says."""
        item: dict[str, Any] = next(iter(self.payload["data"].values()))
        return item


class Connection:
    """One socket that was let in."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._ids = map(str, itertools.count(1))

    @classmethod
    async def open(cls, url: str, *, token: str | None = None, receive_bytes: int | None = None) -> Self:
        """Connect and say hello. `receive_bytes` makes the kernel's buffer small, as a phone's may be.

        Raises:
            Lost: nobody answers, or we are not let in.
        """
        try:
            wire = await connect(
                f"ws{url.removeprefix('http')}/graphql",
                subprotocols=[Subprotocol("graphql-transport-ws")],
                sock=await _dialled(url, receive_bytes),
                compression=None,
                ping_interval=None,
                open_timeout=OPENING_SECONDS,
                close_timeout=1.0,
            )
        except (OSError, InvalidHandshake, EOFError) as fault:
            raise Lost(f"not connected: {type(fault).__name__}") from fault
        opened = cls(wire)
        payload = {"authorization": f"Bearer {token}"} if token else None
        await opened._send({"type": "connection_init", "payload": payload})
        answer = await opened._receive()
        assert answer["type"] == "connection_ack", answer
        return opened

    async def subscribe(self, document: str, **variables: Any) -> str:
        """Ask for a stream, or anything else; the answer is the id that its frames carry. Raises Lost."""
        subscription = next(self._ids)
        payload = {"query": document, "variables": variables}
        await self._send({"id": subscription, "type": "subscribe", "payload": payload})
        return subscription

    async def frames(self) -> AsyncIterator[Frame]:
        """Everything that comes, until the connection ends; pings are answered. Raises Lost."""
        while True:
            message = await self._receive()
            if message["type"] == "ping":
                await self._send({"type": "pong"})
            elif "id" in message:
                yield Frame(message["id"], message["type"], message.get("payload"))

    async def close(self) -> None:
        """Part as the protocol wants it."""
        await self._wire.close()

    def cut(self) -> None:
        """End it without a word, as a network that fails does: the server gets a reset. Harmless when it has ended."""
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self._wire.transport.abort()

    def go_deaf(self) -> None:
        """From now on nothing arrives here and nothing is acknowledged, as if the peer's power had failed."""
        program = ctypes.create_string_buffer(ACCEPT_NOTHING, len(ACCEPT_NOTHING))
        self._set(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program)))

    def _set(self, level: int, option: int, value: bytes) -> None:
        kept = self._wire.transport.get_extra_info("socket")
        if kept is not None:
            with suppress(OSError):  # it has just ended
                kept.setsockopt(level, option, value)

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._wire.send(orjson.dumps(message), text=True)
        except (ConnectionClosed, OSError) as fault:
            raise _lost(fault) from fault

    async def _receive(self) -> Any:
        try:
            return orjson.loads(await self._wire.recv(decode=False))
        except (ConnectionClosed, OSError) as fault:
            raise _lost(fault) from fault


async def slowly(url: str) -> Connection:
    """A connection whose kernel takes in so little that the server soon notices when it is not read."""
    return await Connection.open(url, receive_bytes=4096)


async def _dialled(url: str, receive_bytes: int | None) -> socket.socket:
    host, _, port = url.removeprefix("http://").rpartition(":")
    dialled = socket.socket()
    dialled.setblocking(False)
    if receive_bytes is not None:
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            await asyncio.get_running_loop().sock_connect(dialled, (host, int(port)))
    except BaseException:
        dialled.close()
        raise
    return dialled


def _lost(fault: Exception) -> Lost:
    told = fault.rcvd if isinstance(fault, ConnectionClosed) else None
    return Lost(told.reason, told.code) if told else Lost(type(fault).__name__)

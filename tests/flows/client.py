"""A client as an app is one: it posts operations and listens over graphql-transport-ws, and knows nothing inside."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

PATIENCE_SECONDS = 10.0


class SocketClosed(Exception):
    """The server ended the socket."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"{code} {reason}")


@dataclass
class Listening:
    """One subscription: its items in the order they came."""

    socket: Socket
    id: str
    items: asyncio.Queue[dict[str, Any] | SocketClosed | None] = field(default_factory=asyncio.Queue)

    async def next(self, *, within_seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The next item's root field; heartbeats are passed over."""
        while True:
            item = await asyncio.wait_for(self.items.get(), within_seconds)
            if isinstance(item, SocketClosed):
                raise item
            assert item is not None, "the subscription was completed by the server"
            if "errors" in item:
                return item
            value: dict[str, Any] = next(iter(item["data"].values()))
            if value["__typename"] != "StreamHeartbeat":
                return value

    async def silence(self, *, for_seconds: float = 0.5) -> None:
        """Nothing comes."""
        try:
            item = await self.next(within_seconds=for_seconds)
        except TimeoutError:
            return
        raise AssertionError(f"heard {item}")


class Socket:
    """One graphql-transport-ws connection."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._listening: dict[str, Listening] = {}
        self._ids = itertools.count(1)
        self._reading: asyncio.Task[None] | None = None
        self.closed: asyncio.Future[SocketClosed] = asyncio.get_running_loop().create_future()

    async def start(self, token: str | None) -> Self:
        """Say hello with a token and wait for the acknowledgement."""
        return await self.start_as(f"Bearer {token}" if token else None)

    async def start_as(self, credential: str | None) -> Self:
        """Say hello with what `Authorization` would say, and wait for the acknowledgement."""
        payload = {"authorization": credential} if credential else None
        await self._connection.send_json({"type": "connection_init", "payload": payload})
        message = await self._connection.receive(PATIENCE_SECONDS)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise SocketClosed(self._connection.close_code, str(message.extra or ""))
        assert message.json()["type"] == "connection_ack", message.data
        self._reading = asyncio.create_task(self._read())
        return self

    async def listen(self, document: str, **variables: Any) -> Listening:
        """Subscribe."""
        return await self.ask({"query": document, "variables": variables})

    async def ask(self, payload: dict[str, Any]) -> Listening:
        """Send one operation, in whichever form a client may."""
        listening = Listening(self, str(next(self._ids)))
        self._listening[listening.id] = listening
        await self._connection.send_json({"id": listening.id, "type": "subscribe", "payload": payload})
        return listening

    async def end(self) -> None:
        """Close from our side."""
        await self._connection.close()
        if self._reading:
            await self._reading

    async def _read(self) -> None:
        while (message := await self._connection.receive()).type is aiohttp.WSMsgType.TEXT:
            frame = message.json()
            if frame["type"] == "ping":
                await self._connection.send_json({"type": "pong"})
            elif frame["type"] == "next":
                self._listening[frame["id"]].items.put_nowait(frame["payload"])
            elif frame["type"] == "error":
                self._listening[frame["id"]].items.put_nowait({"errors": frame["payload"]})
            elif frame["type"] == "complete":
                self._listening[frame["id"]].items.put_nowait(None)
        is_told = message.type is aiohttp.WSMsgType.CLOSE
        ended = SocketClosed(self._connection.close_code, str(message.extra or "") if is_told else "")
        if not self.closed.done():
            self.closed.set_result(ended)
        for listening in self._listening.values():
            listening.items.put_nowait(ended)


@dataclass
class Caller:
    """Somebody with a token, or without, at one API process."""

    http: aiohttp.ClientSession
    url: str
    token: str | None = None
    user_id: str = ""
    wallets: dict[str, str] = field(default_factory=dict)

    def at(self, url: str) -> Caller:
        """The same person at another process."""
        return Caller(self.http, url, self.token, self.user_id, self.wallets)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors included."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        async with self.http.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def send_file(self, document: str, content: bytes, *, filename: str, **variables: Any) -> Any:
        """The root field of a mutation whose `input.file` is a file, sent as a form."""
        form = aiohttp.FormData()
        operations = {"query": document, "variables": {"input": {**variables, "file": None}}}
        form.add_field("operations", json.dumps(operations))
        form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
        form.add_field("0", content, filename=filename, content_type="image/png")
        headers = {"Authorization": f"Bearer {self.token}", "X-Requested-With": "tests"}
        async with self.http.post(f"{self.url}/graphql", data=form, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
        assert "errors" not in answer, answer["errors"]
        return next(iter(answer["data"].values()))

    async def run(self, document: str, **variables: Any) -> Any:
        """The root field of an answer that must have no top-level error."""
        answer = await self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return next(iter(answer["data"].values()))

    async def do(self, document: str, **variables: Any) -> Any:
        """The payload of a mutation that must have been done."""
        payload = await self.run(document, **variables)
        assert payload["errors"] == [], payload["errors"]
        return payload

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """A socket of this person, closed at the end."""
        async with self.http.ws_connect(
            f"{self.url}/graphql", protocols=("graphql-transport-ws",), autoping=True
        ) as connection:
            socket = await Socket(connection).start(self.token)
            try:
                yield socket
            finally:
                await socket.end()

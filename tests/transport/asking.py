"""One operation over each transport, and surroundings that let everybody in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from transport.surroundings import Caller, Close

WAIT_SECONDS = 5
WAYS = ("request", "events", "socket")


class Session:
    """A socket's, or an event stream's."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def context(self) -> Any:
        """Who calls, as far as they say."""
        return self._caller.header(b"x-who")

    def ended(self) -> None:
        """Nothing to forget."""


class Everybody:
    """Contexts are who the header `X-Who` says; nobody is refused."""

    async def of_request(self, caller: Caller) -> Any:
        """Who calls."""
        return caller.header(b"x-who")

    def of_stream(self, context: Any, close: Close) -> Session:
        """Never closed from here."""
        return Session(Caller({}, "", {}))

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> Session:
        """Never closed from here."""
        return Session(caller)


class Asking:
    """Sends an operation and gives what was answered, whatever it travels by."""

    def __init__(self, http: aiohttp.ClientSession, url: str, way: str) -> None:
        self._http, self._url, self._way = http, url, way

    async def __call__(self, body: dict[str, Any], *, who: str = "anybody") -> dict[str, Any]:
        """The first answer."""
        headers = {"X-Who": who}
        if self._way == "socket":
            return await self._by_socket(body, headers)
        headers |= {"Accept": "text/event-stream"} if self._way == "events" else {}
        async with self._http.post(self._url, json=body, headers=headers) as answer:
            assert answer.status == 200
            content = await answer.read()
        if self._way == "events":
            content = content.partition(b"data: ")[2].partition(b"\n")[0]
        told: dict[str, Any] = orjson.loads(content)
        return told

    async def _by_socket(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        async with self._http.ws_connect(self._url, protocols=("graphql-transport-ws",), headers=headers) as socket:
            await socket.send_json({"type": "connection_init"})
            await socket.receive_json(timeout=WAIT_SECONDS)
            await socket.send_json({"id": "a", "type": "subscribe", "payload": body})
            told = await socket.receive_json(timeout=WAIT_SECONDS)
        return {"errors": told["payload"]} if told["type"] == "error" else dict(told["payload"])

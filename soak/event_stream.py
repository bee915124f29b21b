"""The same streams over server-sent events (graphql-sse, one request for each), resumed as browsers resume them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final, Self

import aiohttp
import orjson

from soak.connection import OPENING_SECONDS, Frame, Lost

SUBSCRIPTION: Final = "1"
TIMES: Final = aiohttp.ClientTimeout(total=None, connect=OPENING_SECONDS)


class EventStream:
    """One request at a time; `after` travels as Last-Event-ID."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), timeout=TIMES)
        self._response: aiohttp.ClientResponse | None = None

    @classmethod
    async def open(cls, url: str) -> Self:
        """Ready to ask; the first request connects."""
        return cls(url)

    async def subscribe(self, document: str, *, after: str | None = None, **variables: Any) -> str:
        """Ask for a stream. Raises Lost."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        body = {"query": document, "variables": variables}
        try:
            self._response = await self._http.post(f"{self._url}/graphql", json=body, headers=headers)
        except (aiohttp.ClientError, OSError) as fault:
            raise Lost(f"not connected: {type(fault).__name__}") from fault
        assert self._response.content_type == "text/event-stream", await self._response.text()
        return SUBSCRIPTION

    async def frames(self) -> AsyncIterator[Frame]:
        """Everything that comes, until the stream ends. Raises Lost when it breaks off."""
        fields: dict[str, str] = {}
        async for line in self._lines():
            if not line and "event" in fields:
                payload = orjson.loads(fields["data"]) if fields["data"] else None
                yield Frame(SUBSCRIPTION, fields["event"], payload, cursor=fields.get("id"))
            if not line:
                fields = {}
            else:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")

    async def close(self) -> None:
        """Leave; the server notices."""
        if self._response is not None:
            self._response.close()
        await self._http.close()

    def cut(self) -> None:
        """Lose the network. Harmless when it has ended."""
        if self._response is not None and self._response.connection and self._response.connection.transport:
            self._response.connection.transport.abort()

    async def _lines(self) -> AsyncIterator[str]:
        assert self._response is not None, "asked before"
        try:
            async for line in self._response.content:
                yield line.decode().rstrip("\n")
        except (aiohttp.ClientError, OSError) as fault:
            raise Lost(type(fault).__name__) from fault
        raise Lost("the stream ended without having been completed")

"""A client that notes when things happened to it; it knows nothing of what is inside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import orjson

SUBSCRIPTION: Final = "1"
PATIENCE_SECONDS: Final = 10.0


class Refused(Exception):
    """The API did not do what was asked."""


@dataclass(frozen=True)
class Client:
    """Somebody with a token at one API process."""

    http: aiohttp.ClientSession
    url: str
    token: str

    async def ask(self, document: str, **variables: Any) -> Any:
        """The whole answer; a top-level error ends the measurement.

        Raises:
            Refused: the payload tells why it was not done.
        """
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        async with self.http.post(f"{self.url}/graphql", data=body, headers=headers) as response:
            answer = orjson.loads(await response.read())
        assert "errors" not in answer, answer["errors"]
        for payload in answer["data"].values():
            if isinstance(payload, dict) and payload.get("errors"):
                raise Refused(payload["errors"])
        return answer


class Ear:
    """One socket with one subscription. `hear` gets each item and the instant (epoch seconds) of its frame."""

    def __init__(self, client: Client, document: str, hear: Callable[[dict[str, Any], float], None], **variables: Any):
        self._client, self._hear = client, hear
        self._payload = {"query": document, "variables": variables}
        self._begun = asyncio.Event()
        self.closed_at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self._socket = await self._client.http.ws_connect(
            f"{self._client.url}/graphql", protocols=("graphql-transport-ws",)
        )
        await self._socket.send_json(
            {"type": "connection_init", "payload": {"authorization": f"Bearer {self._client.token}"}}
        )
        acknowledged = await self._socket.receive_json(timeout=PATIENCE_SECONDS)
        assert acknowledged["type"] == "connection_ack", acknowledged
        self._reading = asyncio.create_task(self._read())
        await self._socket.send_json({"id": SUBSCRIPTION, "type": "subscribe", "payload": self._payload})
        await asyncio.wait_for(self._begun.wait(), PATIENCE_SECONDS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ConnectionError):
            await self._socket.close()
        await self._reading

    async def _read(self) -> None:
        while (message := await self._socket.receive()).type is aiohttp.WSMsgType.TEXT:
            at = time.time()
            frame = orjson.loads(message.data)
            if frame["type"] == "ping":
                await self._socket.send_json({"type": "pong"})
            elif frame["type"] == "next":
                assert "errors" not in frame["payload"], frame["payload"]["errors"]
                self._begun.set()
                self._hear(next(iter(frame["payload"]["data"].values())), at)
        self.closed_at.set_result(time.time())

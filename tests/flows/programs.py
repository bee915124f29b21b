"""A program as its business runs one: it signs every request by its key."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from tests.flows.client import Caller, Socket

API_KEY_CREATE = """
mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
  apiKey { id } secret errors { __typename code reason message path } } }
"""
API_KEY_REVOKE = """
mutation($input: ApiKeyRevokeInput!) { apiKeyRevoke(input: $input) { apiKey { revokedAt } errors { reason } } }
"""
NAMES = itertools.count(1)


@dataclass
class Program:
    """Written from docs/api-keys.md alone: it knows nothing inside."""

    http: aiohttp.ClientSession
    url: str
    key: str
    secret: str
    clock_ahead_ms: int = 0

    def at(self, url: str) -> Program:
        """The same program at another process."""
        return Program(self.http, url, self.key, self.secret, self.clock_ahead_ms)

    def credential(self, method: str, target: str, body: bytes) -> str:
        """What `Authorization` says."""
        timestamp = str(time.time_ns() // 1_000_000 + self.clock_ahead_ms)
        digest = hashlib.sha256(body).hexdigest()
        text = f"SOKONI-HMAC-SHA256\n{method}\n{target}\n{timestamp}\n{digest}"
        signature = hmac.digest(self.secret.encode(), text.encode(), "sha256").hex()
        return f"Sokoni-HMAC-SHA256 key={self.key},timestamp={timestamp},signature={signature}"

    async def send(
        self, asked: dict[str, Any], *, credential: str | None = None, accept: str = "application/json"
    ) -> Any:
        """The status and the answer of a POST; with a credential of before, the same request again."""
        body = json.dumps(asked).encode()
        headers = {
            "Authorization": credential or self.credential("POST", "/graphql", body),
            "Content-Type": "application/json",
            "Accept": accept,
        }
        async with self.http.post(f"{self.url}/graphql", data=body, headers=headers) as response:
            if accept == "text/event-stream":
                return response.status, (await response.content.read()).decode()
            return response.status, await response.json()

    async def get(self, **parameters: str) -> Any:
        """The status and the answer of a GET; the signature is over the address as it is sent."""
        target = f"/graphql?{urlencode(parameters)}"
        headers = {"Authorization": self.credential("GET", target, b"")}
        url = URL(f"{self.url}{target}", encoded=True)
        async with self.http.get(url, headers=headers) as response:
            return response.status, await response.json()

    async def ask(self, document: str, **variables: Any) -> Any:
        """The whole answer to a text."""
        return (await self.send({"query": document, "variables": variables}))[1]

    @asynccontextmanager
    async def socket(self, *, credential: str | None = None) -> AsyncIterator[Socket]:
        """A socket, signed in `connection_init`; closed at the end."""
        async with self.http.ws_connect(f"{self.url}/graphql", protocols=("graphql-transport-ws",)) as connection:
            socket = await Socket(connection).start_as(credential or self.credential("GET", "/graphql", b""))
            try:
                yield socket
            finally:
                await socket.end()


async def make_program(
    admin: Caller, owner: Caller, *, kind: str = "DEVELOPER", networks: tuple[str, ...] = (), api: str | None = None
) -> Program:
    """A program of this person, with a key of its own."""
    payload = await admin.do(
        API_KEY_CREATE,
        input={
            "ownerId": owner.user_id,
            "kind": kind,
            "label": "Till",
            "networks": list(networks),
            "idempotencyKey": f"program-{next(NAMES)}-{id(admin)}",
        },
    )
    return Program(admin.http, api or admin.url, payload["apiKey"]["id"], payload["secret"])

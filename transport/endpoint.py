"""The GraphQL endpoint of one schema: HTTP and sockets at one address, as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from transport.http import HttpEndpoint, Receive, Send
from transport.negotiation import Form
from transport.operations import Operations
from transport.outbox import Joining
from transport.responding import UNAVAILABLE, refuse
from transport.socket import STOPPING, Socket
from transport.surroundings import Surroundings, caller_of, headers_of
from transport.uploads import UploadLimits

FORBIDDEN = 403


class Endpoint:
    """Serves operations. Browsers' sockets are taken from `allowed_origins` and from the endpoint's own.

    With `texts_by_get` an address may hold a whole document; `answers` are those that are the same for everybody.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        surroundings: Surroundings,
        allowed_origins: Collection[str] = (),
        upload_limits: UploadLimits | None = None,
        texts_by_get: bool = True,
    ) -> None:
        self._operations, self._surroundings = operations, surroundings
        self._allowed_origins = frozenset(origin.encode() for origin in allowed_origins)
        self._http = HttpEndpoint(operations, surroundings, upload_limits=upload_limits, texts_by_get=texts_by_get)
        self.answers = self._http.answers
        self._joining = Joining()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] == "http":
            try:
                await self._http(scope, receive, send)
            except asyncio.CancelledError:
                await self._told_that_it_stops(scope, send)
        elif self._is_welcome(headers_of(scope)):
            await Socket(self._operations, self._surroundings, self._joining, scope, receive, send).serve()
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "Origin not allowed"})

    def stop(self) -> None:
        """The server begins to stop: end what would go on. What is asked already is answered.

        Sockets of `transport.websocket` hear of it by themselves.
        """
        self._http.streams.stop()

    async def _told_that_it_stops(self, scope: Any, send: Send) -> None:
        """Nobody but a server that stops ends a request, when it has waited for it long enough."""
        try:
            extensions = {"code": "UNAVAILABLE", "requestId": caller_of(scope).request_id}
            await refuse(send, Form.JSON, UNAVAILABLE, STOPPING.message, **extensions)
        except RuntimeError:
            raise asyncio.CancelledError from None  # it is answered in part, and can only be cut

    def _is_welcome(self, headers: Mapping[bytes, bytes]) -> bool:
        origin = headers.get(b"origin")
        if origin is None or origin in self._allowed_origins:
            return True
        return origin.partition(b"://")[2] == headers.get(b"host")

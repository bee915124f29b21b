"""graphql-transport-ws: strawberry's handler with what real clients and ended access ask for besides."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final, cast

from starlette.websockets import WebSocket
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message, PingMessage
from strawberry.utils.aio import aclosing

from transport.surroundings import Refused, SocketSession, Surroundings

PING_SECONDS: Final = 20
FORBIDDEN: Final = 4403
BAD_REQUEST: Final = 4400
# A close frame carries at most 125 bytes, two of them the code (RFC 6455 §5.5).
REASON_BYTES_MAX: Final = 123


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One socket. Each operation gets surroundings of its own, and the session can be closed from outside."""

    session: SocketSession | None = None
    _pinging: asyncio.Task[None] | None = None

    @property
    def surroundings(self) -> Surroundings:
        """Where contexts come from."""
        return cast(Surroundings, cast(Any, self.view).surroundings)  # the view is ours, typed by strawberry as any

    async def handle_message(self, message: Message) -> None:
        """One frame; what is no message of the protocol closes the socket with a reason."""
        fault = _fault_of(message)
        if fault:
            await self.close(BAD_REQUEST, fault)
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the client in, or close with the reason; a payload of null is a payload left out."""
        if self.connection_init_received:
            await self.close(4429, "Too many initialisation requests")
            return
        self.connection_init_received = True
        if self.connection_init_timeout_task:
            self.connection_init_timeout_task.cancel()
        parameters = message.get("payload") or {}
        try:
            self.session = await self.surroundings.of_socket(self._websocket, parameters, self.close)
        except Refused as refused:
            await self.close(FORBIDDEN, str(refused))
            return
        self._pinging = asyncio.create_task(self._ping())
        await self.send_message({"type": "connection_ack"})
        self.connection_acknowledged = True

    async def handle_ping(self, message: PingMessage) -> None:
        """A pong with the ping's own payload."""
        pong: dict[str, object] = {"type": "pong"}
        if message.get("payload") is not None:
            pong["payload"] = message["payload"]
        await self.send_message(cast(Message, pong))

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Run one operation in surroundings of its own."""
        assert self.session is not None, "operations run after the acknowledgement"
        stream = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=self.session.context(),
            operation_name=operation.operation_name,
        )
        with suppress(WebSocketDisconnected):
            async with aclosing(stream):
                await self._send_result_stream(operation, stream)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def close(self, code: int, reason: str) -> None:
        """End the socket; harmless when it is closed already."""
        with suppress(RuntimeError, WebSocketDisconnected):
            await self.websocket.close(code, reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore"))

    async def shutdown(self) -> None:
        """Forget the socket and end what it was running."""
        if self._pinging:
            self._pinging.cancel()
        if self.session:
            self.session.ended()
        await super().shutdown()

    @property
    def _websocket(self) -> WebSocket:
        return cast(WebSocket, cast(Any, self.websocket).ws)  # strawberry's Starlette adapter keeps it there

    async def _ping(self) -> None:
        with suppress(WebSocketDisconnected, RuntimeError):
            while True:
                await asyncio.sleep(PING_SECONDS)
                await self.send_message({"type": "ping"})


def _fault_of(message: object) -> str | None:
    """Why a frame is no message of the protocol, or None."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is a JSON object with a type"
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        return "payload must be an object"
    if message["type"] in ("subscribe", "complete") and not (isinstance(message.get("id"), str) and message["id"]):
        return "id must be a non-empty string"
    return _fault_of_operation(payload) if message["type"] == "subscribe" else None


def _fault_of_operation(payload: object) -> str | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "payload.query must be a string"
    if not isinstance(payload.get("variables"), dict | None):
        return "payload.variables must be an object"
    if not isinstance(payload.get("operationName"), str | None):
        return "payload.operationName must be a string"
    return None

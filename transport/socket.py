"""graphql-transport-ws: one object per socket. It reads messages, starts operations and ends them with the socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from graphql import GraphQLError

from transport import messages
from transport.asking import Malformed, asked_in
from transport.messages import CloseCode, Kind, message_in
from transport.operations import Operations
from transport.outbox import Joining, Outbox, SendingOutbox, wired_outbox
from transport.rfc6455 import cut_reason
from transport.socket_operation import SocketOperation
from transport.surroundings import Refused, SocketSession, Surroundings, caller_of
from transport.websocket import WIRE

OPERATIONS_MAX: Final = 100
INIT_SECONDS: Final = 5.0
# What queries and mutations have left when the server stops.
ANSWERING_SECONDS_MAX: Final = 5.0
STOPPING: Final = GraphQLError("The server is about to stop; try again.", extensions={"code": "UNAVAILABLE"})
TOO_MANY: Final = GraphQLError(
    f"A socket has at most {OPERATIONS_MAX} operations at a time.", extensions={"code": "RATE_LIMIT_EXCEEDED"}
)

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Socket:
    """One connection, from its first message to its last."""

    __slots__ = (
        "_init_timer",
        "_is_acknowledged",
        "_is_greeted",
        "_is_over",
        "_is_retiring",
        "_joining",
        "_receive",
        "_retiring",
        "_scope",
        "_send",
        "_sending",
        "_session",
        "_surroundings",
        "operations",
        "outbox",
        "running",
    )

    def __init__(
        self,
        operations: Operations,
        surroundings: Surroundings,
        joining: Joining,
        scope: Any,
        receive: Receive,
        send: Send,
    ) -> None:
        self.operations, self._surroundings, self._joining = operations, surroundings, joining
        self._scope, self._receive, self._send = scope, receive, send
        self.running: dict[str, SocketOperation] = {}
        self._session: SocketSession | None = None
        self._is_greeted = self._is_acknowledged = self._is_over = self._is_retiring = False
        self._init_timer: asyncio.TimerHandle | None = None
        self._sending: SendingOutbox | None = None
        self._retiring: asyncio.Task[None] | None = None
        self.outbox: Outbox

    async def serve(self) -> None:
        """Until the socket is over."""
        await self._receive()
        offered = self._scope["subprotocols"]
        if messages.PROTOCOL not in offered:
            # Browsers end a socket 1006 that was given none of what they offered, and never read why.
            await self._send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
            await self.close(CloseCode.SUBPROTOCOL, f"Use the sub-protocol {messages.PROTOCOL}.")
            return
        await self._send({"type": "websocket.accept", "subprotocol": messages.PROTOCOL})
        self._open_outbox()
        self._init_timer = asyncio.get_running_loop().call_later(INIT_SECONDS, self._init_is_late)
        try:
            while (event := await self._receive())["type"] == "websocket.receive" and not self._is_over:
                try:
                    await self._handle(message_in(event.get("text")))
                except Malformed as fault:
                    await self.close(CloseCode.BAD_REQUEST, str(fault))
        finally:
            await self._ended()

    async def close(self, code: int, reason: str) -> None:
        """End the socket, after what is on its way; harmless when it is closed already."""
        self._is_over = True
        with suppress(RuntimeError, OSError):
            self.outbox_written()
            if self._sending is not None:
                await self._sending.sent()
            await self._send({"type": "websocket.close", "code": code, "reason": cut_reason(reason)})

    def outbox_written(self) -> None:
        """Let what is ready go out now."""
        outbox = getattr(self, "outbox", None)
        if outbox is not None:
            outbox.write(asyncio.get_running_loop().time())

    def _open_outbox(self) -> None:
        wire = (self._scope.get("extensions") or {}).get(WIRE)
        if wire is not None:
            self.outbox = wired_outbox(self._joining, wire)
            wire.when_stopping(self._retire)
        else:
            self._sending = SendingOutbox(self._joining, self._send)
            self.outbox = self._sending.outbox

    async def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case Kind.INIT:
                await self._init(message.get("payload") or {})
            case Kind.PING:
                self.outbox.put(messages.pong(message.get("payload")))
            case Kind.SUBSCRIBE:
                await self._subscribe(message["id"], message["payload"])
            case Kind.COMPLETE:
                operation = self.running.pop(message["id"], None)
                if operation is not None:
                    operation.stop()

    async def _init(self, parameters: dict[str, Any]) -> None:
        if self._is_greeted:
            await self.close(CloseCode.TOO_MANY_INITS, "Too many initialisation requests")
            return
        self._is_greeted = True
        if self._init_timer is not None:
            self._init_timer.cancel()
            self._init_timer = None
        try:
            self._session = await self._surroundings.of_socket(caller_of(self._scope), parameters, self.close)
        except Refused as refused:
            await self.close(CloseCode.FORBIDDEN, str(refused))
            return
        self._is_acknowledged = True
        self.outbox.put(messages.ACK)

    async def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        if not self._is_acknowledged or self._session is None:
            await self.close(CloseCode.UNAUTHORIZED, "Unauthorized")
        elif id in self.running:
            await self.close(CloseCode.ID_IN_USE, f"Subscriber for {id} already exists")
        elif self._is_retiring or len(self.running) >= OPERATIONS_MAX:
            refusal = STOPPING if self._is_retiring else TOO_MANY
            self.outbox.put(messages.error(id, self.operations.fault(refusal, self._session.context())))
        else:
            operation = self.running[id] = SocketOperation(self, id)
            operation.start(asked_in(payload), self._session.context())

    def _init_is_late(self) -> None:
        self._init_timer = None
        closing = asyncio.ensure_future(self.close(CloseCode.INIT_TIMEOUT, "Connection initialisation timeout"))
        closing.add_done_callback(lambda done: done.exception())

    def _retire(self) -> None:
        """The server begins to stop: nothing begins any more."""
        self._is_retiring = True
        self._retiring = asyncio.create_task(self._close_when_answered(), name="socket of a server that stops")

    async def _close_when_answered(self) -> None:
        answering = [operation.answering for operation in self.running.values() if operation.answering is not None]
        if answering:
            await asyncio.wait(answering, timeout=ANSWERING_SECONDS_MAX)
        await self.close(CloseCode.RESTART, "service restart")

    async def _ended(self) -> None:
        if self._init_timer is not None:
            self._init_timer.cancel()
        for operation in tuple(self.running.values()):
            operation.stop()
        self.running.clear()
        if self._session is not None:
            self._session.ended()
        if self._sending is not None:
            await self._sending.closed()
        if self._retiring is not None:
            await asyncio.gather(self._retiring, return_exceptions=True)

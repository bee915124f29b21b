"""uvicorn's WebSocket protocol for sockets by the thousand: small, and open to frames that are written already.

Give the class that `websocket_protocol` makes to uvicorn as `ws`. Applications find the socket's `Wire` in the scope's
extensions under `WIRE` and may write frames to it past ASGI; to any other application it is an ordinary ASGI server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState

from transport.handshake import Handshake, NoHandshake, accepted, handshake_in, refused, scope_of
from transport.inbox import Inbox
from transport.liveness import Liveness, Patience
from transport.rfc6455 import (
    FrameReader,
    Message,
    Opcode,
    Violation,
    binary_frame,
    close_frame,
    close_in,
    control_frame,
    text_frame,
)

WIRE: Final = "graphql.wire"
CLOSING_SECONDS_MAX: Final = 2.0
RESTART: Final = (1012, "service restart")
UNAVAILABLE: Final = NoHandshake(503, "Service Unavailable")
BROKEN: Final = NoHandshake(500, "Internal Server Error")

log = logging.getLogger("uvicorn.error")


class WebSocket(asyncio.Protocol):
    """One socket: the handshake, the frames, and the ASGI messages between."""

    patience = Patience()

    __slots__ = (
        "_config",
        "_handshake",
        "_inbox",
        "_is_accepted",
        "_is_closing",
        "_is_lost",
        "_liveness",
        "_loop",
        "_on_drained",
        "_on_stopping",
        "_reader",
        "_state",
        "app_state",
        "transport",
    )

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config, self._state, self.app_state = config, server_state, app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._reader = FrameReader(config.ws_max_size)
        self._on_drained: Callable[[], None] | None = None
        self._on_stopping: Callable[[], None] | None = None
        self._handshake: Handshake | None = None
        self._is_accepted = self._is_closing = self._is_lost = False
        self._liveness = Liveness(self, self.patience, self._loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The HTTP protocol hands its connection over."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are not derived from it
        self._inbox = Inbox(self.transport, self._loop)
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own protocol classes only

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, by whomever."""
        self._state.connections.discard(self)
        self._is_lost = self._is_closing = True
        self._liveness.end()
        self._on_drained = self._on_stopping = None
        self._inbox.put({"type": "websocket.disconnect", "code": 1006, "reason": ""})

    def data_received(self, data: bytes) -> None:
        """The handshake first, then frames."""
        if self._handshake is None:
            self._open(data)
            return
        self._liveness.heard()
        try:
            for message in self._reader.read(data):
                self._received(message)
        except Violation as violation:
            self._fail(violation.code, violation.reason)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._liveness.stalled()
        self._inbox.hold()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._liveness.drained()
        self._inbox.release()
        if self._on_drained is not None:
            self._on_drained()

    def shutdown(self) -> None:
        """The server stops: the application ends the socket if it wants to; else the client is told to come back."""
        if not self._is_accepted:
            self._refuse(UNAVAILABLE)
        elif self._on_stopping is not None:
            self._on_stopping()
        else:
            self._fail(*RESTART)

    @property
    def is_stalled(self) -> bool:
        """Whether what is written now would only pile up."""
        return self._liveness.is_stalled

    def write(self, frames: bytes) -> None:
        """Write whole frames at once, without waiting."""
        if not self._is_closing:
            self.transport.write(frames)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.write(control_frame(Opcode.PING))

    def abort(self) -> None:
        """Let go of the client, and of what is on its way."""
        self.transport.abort()

    def when_drained(self, call: Callable[[], None]) -> None:
        """Be called whenever a client that was too slow has caught up."""
        self._on_drained = call

    def when_stopping(self, call: Callable[[], None]) -> None:
        """Be called when the server begins to stop; the socket is then closed by whoever asked for this."""
        self._on_stopping = call

    def _received(self, message: Message) -> None:
        match message.opcode:
            case Opcode.TEXT:
                self._inbox.put({"type": "websocket.receive", "text": message.text()})
            case Opcode.BINARY:
                self._inbox.put({"type": "websocket.receive", "bytes": message.content})
            case Opcode.PING:
                self.write(control_frame(Opcode.PONG, message.content))
            case Opcode.CLOSE:
                self._closed_by_peer(*close_in(message.content))

    def _closed_by_peer(self, code: int, reason: str) -> None:
        if not self._is_closing:
            self._inbox.put({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.write(close_frame(1000 if code == 1005 else code))  # noqa: PLR2004  # 1005 stands for none
        self._is_closing = True
        self.transport.close()

    def _fail(self, code: int, reason: str) -> None:
        if not self._is_closing:
            self._inbox.put({"type": "websocket.disconnect", "code": code, "reason": reason})
            self._close(code, reason)

    def _close(self, code: int, reason: str) -> None:
        """Say goodbye, and wait no longer than `CLOSING_SECONDS_MAX` for the answer and for what is unread."""
        if self._is_closing:
            return
        self.write(close_frame(code, reason))
        self._is_closing = True
        self._inbox.close()
        self._liveness.close_within(CLOSING_SECONDS_MAX)

    def _open(self, request: bytes) -> None:
        try:
            self._handshake = handshake_in(request)
        except NoHandshake as refusal:
            self._refuse(refusal)
            return
        self._inbox.put({"type": "websocket.connect"})
        state, extensions = self.app_state.copy(), {WIRE: self}
        scope = scope_of(self._handshake, self._config, self.transport, state=state, extensions=extensions)
        task = self._loop.create_task(self._serve(scope))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def _refuse(self, refusal: NoHandshake) -> None:
        self._is_closing = True
        self.transport.write(refused(refusal))
        self.transport.close()

    async def _serve(self, scope: dict[str, Any]) -> None:
        try:
            await self._config.loaded_app(scope, self._inbox.take, self._send)
        except ClientDisconnected:
            pass
        except asyncio.CancelledError:  # by a server that has waited long enough
            self._end(UNAVAILABLE, *RESTART)
            raise
        except Exception:
            log.exception("Exception in ASGI application")
            self._end(BROKEN, 1011, "internal error")
        self._end(BROKEN, 1000, "")

    def _end(self, refusal: NoHandshake, code: int, reason: str) -> None:
        """The application is over, before it took the socket or after."""
        if self._is_accepted:
            self._close(code, reason)
        elif not self._is_closing:
            self._refuse(refusal)

    async def _send(self, message: Any) -> None:
        if self._is_lost:
            raise ClientDisconnected
        match message["type"]:
            case "websocket.accept" if not self._is_accepted:
                self._accept(message)
            case "websocket.send":
                text = message.get("text")
                self.write(text_frame(text.encode()) if text is not None else binary_frame(message["bytes"]))
            case "websocket.close" if self._is_accepted:
                self._close(message.get("code", 1000), message.get("reason") or "")
            case "websocket.close":
                self._refuse(NoHandshake(403, "Forbidden"))
            case other:
                raise RuntimeError(f"Unexpected ASGI message {other!r}.")

    def _accept(self, message: Any) -> None:
        assert self._handshake is not None, "it was asked for before"
        self._is_accepted = True
        headers = message.get("headers", ())
        self.transport.write(accepted(self._handshake, protocol=message.get("subprotocol"), headers=headers))
        self._liveness.watch()


def websocket_protocol(patience: Patience | None = None) -> type[WebSocket]:
    """The class for uvicorn's `ws`. Peers are let go as `patience` says."""
    return type("WebSocket", (WebSocket,), {"__slots__": (), "patience": patience or Patience()})

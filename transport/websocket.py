"""uvicorn's WebSocket protocol for sockets by the thousand: small, and open to frames that are written already.

Give the class that `websocket_protocol` makes to uvicorn as `ws`. Applications find the socket's `Wire` in the scope's
extensions under `WIRE` and may write frames to it past ASGI; to any other application it is an ordinary ASGI server.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected, get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from transport.handshake import Handshake, NoHandshake, accepted, handshake_in, refused
from transport.rfc6455 import (
    FrameReader,
    Message,
    Opcode,
    Violation,
    close_frame,
    close_in,
    control_frame,
    text_frame,
)

WIRE: Final = "graphql.wire"
# A client that sends faster than it is served waits; what is beyond this is left in the kernel.
UNREAD_MAX: Final = 16
CLOSING_SECONDS_MAX: Final = 2.0
SWEEP_SECONDS: Final = 5.0
SWEEP_SECONDS_MIN: Final = 0.05
SILENT_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 10.0
STALLED_SECONDS: Final = 20.0

log = logging.getLogger("uvicorn.error")


class WebSocket(asyncio.Protocol):
    """One socket: the handshake, the frames, and the ASGI messages between."""

    silent_seconds = SILENT_SECONDS
    answer_seconds = ANSWER_SECONDS
    stalled_seconds = STALLED_SECONDS

    __slots__ = (
        "_close_timer",
        "_config",
        "_events",
        "_handshake",
        "_heard_at",
        "_is_accepted",
        "_is_closing",
        "_is_lost",
        "_is_reading",
        "_loop",
        "_on_drained",
        "_pinged_at",
        "_reader",
        "_stalled_at",
        "_state",
        "_sweeper",
        "_waiter",
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
        self._events: deque[dict[str, Any]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._on_drained: Callable[[], None] | None = None
        self._handshake: Handshake | None = None
        self._is_accepted = self._is_closing = self._is_lost = False
        self._is_reading = True
        self._stalled_at: float | None = None
        self._pinged_at: float | None = None
        self._heard_at = self._loop.time()
        self._close_timer: asyncio.TimerHandle | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The HTTP protocol hands its connection over."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's are not derived from it
        self._state.connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own protocol classes only

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, by whomever."""
        self._state.connections.discard(self)
        self._is_lost = self._is_closing = True
        for timer in (self._close_timer, self._sweeper):
            if timer is not None:
                timer.cancel()
        self._on_drained = None
        self._happened({"type": "websocket.disconnect", "code": 1006, "reason": ""})

    def data_received(self, data: bytes) -> None:
        """The handshake first, then frames."""
        if self._handshake is None:
            self._open(data)
            return
        self._heard_at, self._pinged_at = self._loop.time(), None
        try:
            for message in self._reader.read(data):
                self._received(message)
        except Violation as violation:
            self._fail(violation.code, violation.reason)

    def eof_received(self) -> bool:
        """Half-closed is closed."""
        return False

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to; what it asks waits, or answers would pile up."""
        self._stalled_at = self._loop.time()
        self._stop_reading()

    def resume_writing(self) -> None:
        """It has caught up, which is a sign of life as well."""
        self._stalled_at = self._pinged_at = None
        self._heard_at = self._loop.time()
        if len(self._events) < UNREAD_MAX:
            self._go_on_reading()
        if self._on_drained is not None:
            self._on_drained()

    def shutdown(self) -> None:
        """The server stops: tell the client to come back, and the application that the socket is over."""
        if not self._is_accepted:
            self._refuse(NoHandshake(503, "Service Unavailable"))
            return
        self._happened({"type": "websocket.disconnect", "code": 1012, "reason": "service restart"})
        self._close(1012, "service restart")

    # What an application may do past ASGI.

    @property
    def is_stalled(self) -> bool:
        """Whether what is written now would only pile up."""
        return self._stalled_at is not None

    def write(self, frames: bytes) -> None:
        """Write whole frames at once, without waiting."""
        if not self._is_closing:
            self.transport.write(frames)

    def when_drained(self, call: Callable[[], None]) -> None:
        """Be called whenever a client that was too slow has caught up."""
        self._on_drained = call

    # Between the two.

    def _received(self, message: Message) -> None:
        match message.opcode:
            case Opcode.TEXT:
                self._happened({"type": "websocket.receive", "text": _text(message.content)})
            case Opcode.BINARY:
                self._happened({"type": "websocket.receive", "bytes": message.content})
            case Opcode.PING:
                self.write(control_frame(Opcode.PONG, message.content))
            case Opcode.CLOSE:
                self._closed_by_peer(*close_in(message.content))

    def _closed_by_peer(self, code: int, reason: str) -> None:
        if not self._is_closing:
            self._happened({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.write(close_frame(1000 if code == 1005 else code))  # noqa: PLR2004  # 1005 stands for none
        self._is_closing = True
        self.transport.close()

    def _happened(self, event: dict[str, Any]) -> None:
        if self._is_closing and event["type"] == "websocket.receive":
            return
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        if len(self._events) >= UNREAD_MAX:
            self._stop_reading()

    def _stop_reading(self) -> None:
        if self._is_reading and not self._is_closing:
            self._is_reading = False
            self.transport.pause_reading()

    def _go_on_reading(self) -> None:
        if not self._is_reading and not self._is_lost and not self.transport.is_closing():
            self._is_reading = True
            self.transport.resume_reading()

    def _fail(self, code: int, reason: str) -> None:
        self._happened({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._close(code, reason)

    def _close(self, code: int, reason: str) -> None:
        """Say goodbye, and wait no longer than `CLOSING_SECONDS_MAX` for the answer and for what is unread."""
        if self._is_closing:
            return
        self.write(close_frame(code, reason))
        self._is_closing = True
        self._go_on_reading()
        self._close_timer = self._loop.call_later(CLOSING_SECONDS_MAX, self.transport.abort)

    def _sweep(self) -> None:
        """Ping who is silent, and let go of who stays silent or does not read."""
        now = self._loop.time()
        is_stuck = self._stalled_at is not None and now - self._stalled_at >= self.stalled_seconds
        # Of a client that does not read nothing is read either, so its silence says nothing.
        is_gone = not self.is_stalled and self._pinged_at is not None and now - self._pinged_at >= self.answer_seconds
        if is_stuck or is_gone:
            self.transport.abort()
            return
        if not self.is_stalled and self._pinged_at is None and now - self._heard_at >= self.silent_seconds:
            self._pinged_at = now
            self.write(control_frame(Opcode.PING))
        self._sweep_later()

    def _sweep_later(self) -> None:
        """When the next of its reasons may be due; a stop in reading is found out by the round."""
        due = self._heard_at + self.silent_seconds if self._pinged_at is None else self._pinged_at + self.answer_seconds
        seconds = min(SWEEP_SECONDS, self.stalled_seconds / 2)
        if not self.is_stalled:
            seconds = min(seconds, due - self._loop.time())
        self._sweeper = self._loop.call_later(max(seconds, SWEEP_SECONDS_MIN), self._sweep)

    # The handshake.

    def _open(self, request: bytes) -> None:
        try:
            self._handshake = handshake_in(request)
        except NoHandshake as refusal:
            self._refuse(refusal)
            return
        self._happened({"type": "websocket.connect"})
        task = self._loop.create_task(self._serve(self._scope_of(self._handshake)))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def _scope_of(self, handshake: Handshake) -> dict[str, Any]:
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(self.transport) else "ws",
            "server": get_local_addr(self.transport),
            "client": get_remote_addr(self.transport),
            "root_path": self._config.root_path,
            "path": self._config.root_path + unquote(handshake.path.decode("latin-1")),
            "raw_path": handshake.path,
            "query_string": handshake.query,
            "headers": handshake.headers,
            "subprotocols": handshake.protocols,
            "state": self.app_state.copy(),
            "extensions": {WIRE: self},
        }

    def _refuse(self, refusal: NoHandshake) -> None:
        self._is_closing = True
        self.transport.write(refused(refusal))
        self.transport.close()

    # ASGI.

    async def _serve(self, scope: dict[str, Any]) -> None:
        try:
            await self._config.loaded_app(scope, self._receive, self._send)
        except ClientDisconnected:
            pass
        except Exception:
            log.exception("Exception in ASGI application")
            if not self._is_accepted:
                self._refuse(NoHandshake(500, "Internal Server Error"))
            else:
                self._close(1011, "internal error")
            return
        if not self._is_accepted and not self._is_closing:
            self._refuse(NoHandshake(500, "Internal Server Error"))
        self._close(1000, "")

    async def _receive(self) -> dict[str, Any]:
        while not self._events:
            self._waiter = self._loop.create_future()
            await self._waiter
        self._waiter = None
        event = self._events.popleft()
        if not self._events and not self.is_stalled:
            self._go_on_reading()
        return event

    async def _send(self, message: Any) -> None:
        if self._is_lost:
            raise ClientDisconnected
        match message["type"]:
            case "websocket.accept" if not self._is_accepted:
                self._accept(message)
            case "websocket.send":
                text = message.get("text")
                self.write(text_frame(text.encode()) if text is not None else _binary_frame(message["bytes"]))
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
        self._sweep_later()


def websocket_protocol(
    *,
    silent_seconds: float = SILENT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    stalled_seconds: float = STALLED_SECONDS,
) -> type[WebSocket]:
    """The class for uvicorn's `ws`.

    Who is silent for `silent_seconds` is pinged, and let go when no answer comes within `answer_seconds`. Who does not
    read what waits for them is let go after `stalled_seconds` and a round of at most 5 s.
    """
    limits = {"silent_seconds": silent_seconds, "answer_seconds": answer_seconds, "stalled_seconds": stalled_seconds}
    return type("WebSocket", (WebSocket,), {"__slots__": (), **limits})


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Violation(1007, "A text message is UTF-8.") from None


def _binary_frame(content: bytes) -> bytes:
    return bytes((0x82,)) + text_frame(content)[1:]

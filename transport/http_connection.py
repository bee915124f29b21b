"""uvicorn's HTTP protocol with less to do for a request: a whole answer is one write, and resting costs no timer each;
and with limits on a request's head, which uvicorn has none of.

Give `HttpConnection` to uvicorn as `http`. To any application it is an ordinary ASGI server.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

# What would end a header, or the head, before its time (RFC 9110 §5.5, §5.6.2).
NO_NAME: Final = re.compile(rb'[\x00-\x1f\x7f()<>@,;:\[\]={} \t\\"]')
NO_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Answers that never have a body, and so need not say how long it is (RFC 9110 §15.3.5, §15.4.5).
BODILESS: Final = frozenset({204, 304})
# What these say is uvicorn's matter.
FRAMING: Final = frozenset({b"connection", b"transfer-encoding"})
KNOWN_LINES_MAX: Final = 1_024
KNOWN_BYTES_MAX: Final = 256
# What comes in the piece in which a head begins is not counted.
HEAD_BYTES_MAX: Final = 64 * 1024
BAD_REQUEST, HEAD_TOO_LARGE = 400, 431


class HttpConnection(HttpToolsProtocol):
    """One connection. Its requests are answered one after the other.

    From its beginning, and from each answer, it has the time that a connection may rest to send a request's head.
    """

    _resting_since: float | None = None
    _is_in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client is there."""
        super().connection_made(transport)
        self._resting_since = self.loop.time()
        self._look_after(self.timeout_keep_alive)

    def data_received(self, data: bytes) -> None:
        """More of a request, or of several."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(HEAD_TOO_LARGE, f"A request's head has at most {HEAD_BYTES_MAX} bytes.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """A request begins."""
        self._is_in_head, self._resting_since = False, None
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # what comes behind the body is no header, whatever it is called (RFC 9110 §6.5.1)
        if type(self.cycle) is RequestResponseCycle:  # which uvicorn makes by its name, and runs later
            self.cycle.__class__ = Exchange

    def handle_websocket_upgrade(self) -> None:
        """It is a socket from now on, and no longer ours to look after."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().handle_websocket_upgrade()

    def on_response_complete(self) -> None:
        """The next request, or rest."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._resting_since = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._look_after(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close it if no head came for too long. While it works there is no timer; the next rest sets one."""
        self.timeout_keep_alive_task = None
        if self._resting_since is None:
            return
        left = self._resting_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_after(left)
        elif not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Tell a client that speaks no HTTP, in the form of all refusals."""
        self._refuse(BAD_REQUEST, "This is no HTTP request.")

    def _refuse(self, status: int, message: str) -> None:
        """Nobody knows where the next request would begin, so there is none."""
        if self._awaits_answer():
            self._say_refusal(status, message)
        self.transport.close()

    def _awaits_answer(self) -> bool:
        """Whether the client would take what is written now for the answer to what is refused."""
        is_under_way = self._resting_since is None
        return not is_under_way or (self.cycle.more_body and not self.cycle.response_started and not self.pipeline)

    def _say_refusal(self, status: int, message: str) -> None:
        body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]})
        headers = (
            *self.server_state.default_headers,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        )
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"\r\n", body)))

    def _unset_keepalive_if_required(self) -> None:
        """What came may be anything; only a whole head ends its rest."""

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)


class Exchange(RequestResponseCycle):
    """One request and its answer. A head that says how long the body is waits for the body."""

    _head: Any = None
    _named: Mapping[bytes, bytes]

    async def send(self, message: Any) -> None:
        """Write what the application answers."""
        head, self._head = self._head, None
        if message["type"] == "http.response.start" and not self.response_started:
            self._named = dict(message.get("headers", ()))
            if _is_measured(message["status"], self._named):
                self._head = message  # one that waits in vain gives way to what tells why
            else:
                await super().send(message)
        elif head is None:
            await super().send(message)
        elif self._is_whole(head, message):
            if self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
            if not self.disconnected:
                self._write(head, message.get("body", b""))
        else:
            await super().send(head)
            await super().send(message)

    def _is_whole(self, head: Any, message: Any) -> bool:
        return (
            message["type"] == "http.response.body"
            and not message.get("more_body")
            and self.scope["method"] != "HEAD"
            and _is_as_long(head["status"], self._named, message.get("body", b""))
            and not self.access_log
        )

    def _write(self, head: Any, body: bytes) -> None:
        lines = [
            _known_line(name, value) if len(value) <= KNOWN_BYTES_MAX else line_of(name, value)
            for name, value in (*self.default_headers, *head["headers"])
        ]
        closing = () if self.keep_alive else (b"connection: close\r\n",)
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"".join((STATUS_LINE[head["status"]], *lines, *closing, b"\r\n", body)))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


def _is_measured(status: int, headers: Mapping[bytes, bytes]) -> bool:
    return (b"content-length" in headers or status in BODILESS) and FRAMING.isdisjoint(headers)


def _is_as_long(status: int, headers: Mapping[bytes, bytes], body: bytes) -> bool:
    if status in BODILESS:
        return not body and b"content-length" not in headers
    return headers[b"content-length"] == b"%d" % len(body)


def line_of(name: bytes, value: bytes) -> bytes:
    """A header as it is written.

    Raises RuntimeError as uvicorn does: a header that holds the end of a line would be more than one.
    """
    if NO_NAME.search(name) or NO_VALUE.search(value):
        raise RuntimeError("Invalid HTTP header.")
    return name + b": " + value + b"\r\n"


# All but one or two of an answer's headers were written before.
_known_line: Final = lru_cache(KNOWN_LINES_MAX)(line_of)

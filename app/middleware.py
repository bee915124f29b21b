"""Around every request: its id, its size limit, the headers a browser should get, one log line and its time."""

from __future__ import annotations

import re
import time
from typing import Any, Final

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.ids import new_id

log = structlog.get_logger("sokoni.http")
REQUEST_ID: Final = re.compile(r"[\w.:-]{8,80}", re.ASCII)
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS: Final = "max-age=31536000; includeSubDomains"
QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class BodyTooLarge(Exception):
    """The request's body is longer than allowed."""


class RequestFrame:
    """Names the request, refuses bodies above the limit, adds security headers, and logs one line for each."""

    def __init__(self, app: ASGIApp, *, body_bytes_max: int) -> None:
        self.app = app
        self.body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        if scope["type"] == "http":
            await self._http(scope, receive, send, request_id)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.perf_counter(), 500
        is_started = False

        async def framed_send(message: Message) -> None:
            nonlocal status, is_started
            if message["type"] == "http.response.start":
                status, is_started = message["status"], True
                add_headers(MutableHeaders(scope=message), scope, request_id)
            await send(message)

        try:
            await self.app(scope, self._limited(scope, receive), framed_send)
        except BodyTooLarge:
            if not is_started:
                await answer(framed_send, 413, "PAYLOAD_TOO_LARGE", "The body is too large.", request_id)
        except Exception:
            log.exception("request_failed", path=scope["path"])
            if not is_started:
                await answer(framed_send, 500, "INTERNAL", "Something went wrong on our side.", request_id)
        finally:
            if scope["path"] not in QUIET_PATHS:
                elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, elapsed_ms=elapsed_ms)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        length = Headers(scope=scope).get("content-length", "0")
        is_declared_too_large = length.isdigit() and int(length) > self.body_bytes_max
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            if is_declared_too_large:
                raise BodyTooLarge
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.body_bytes_max:
                raise BodyTooLarge
            return message

        return limited_receive


def request_id_of(headers: Headers) -> str:
    """The client's own id when it has a sane form, else a new one."""
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else f"req_{new_id().hex}"


def add_headers(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    """The request's id and what keeps browsers from misusing an answer."""
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = HSTS


async def answer(send: Any, status: int, code: str, message: str, request_id: str) -> None:
    """A GraphQL error as the whole answer."""
    extensions = {"code": code, "requestId": request_id}
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

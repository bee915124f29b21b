"""Around every request: its id, its size limit, the headers a browser should get, one log line and its time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access_log import AccessLog
from app.callbacks import shown_path
from app.logging import REQUEST_ID
from transport.forms import FORM
from transport.surroundings import headers_of
from transport.uploads import UploadLimits

log = structlog.get_logger("sokoni.http")
SANE_REQUEST_ID: Final = re.compile(r"[\w.:-]{8,80}", re.ASCII)
SECURITY_HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
}
HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
FORM_BYTES_MAX: Final = UploadLimits().body_bytes_max
KNOWN_MAX: Final = 1_024
QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class BodyTooLarge(Exception):
    """The request's body is longer than allowed."""


class RequestFrame:
    """Names the request, refuses bodies above the limit, adds security headers, and logs one line for each.

    Forms with files have a limit of their own.
    """

    def __init__(self, app: ASGIApp, *, body_bytes_max: int, form_bytes_max: int = FORM_BYTES_MAX) -> None:
        self.app = app
        self.body_bytes_max, self.form_bytes_max = body_bytes_max, form_bytes_max
        self.log = AccessLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = headers_of(scope)
        request_id = request_id_of(headers)
        scope["state"]["request_id"] = request_id
        REQUEST_ID.set(request_id)
        if scope["type"] == "http":
            await self._http(scope, headers, receive, send, request_id)
        else:
            await self.app(scope, receive, send)

    async def _http(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, send: Send, request_id: str
    ) -> None:
        started, status = time.perf_counter(), 500
        is_started = False

        async def framed_send(message: Message) -> None:
            nonlocal status, is_started
            if message["type"] == "http.response.start":
                status, is_started = message["status"], True
                message["headers"] = framed(message.get("headers", ()), scope, request_id)
            await send(message)

        try:
            await self.app(scope, self._limited(headers, receive), framed_send)
        except BodyTooLarge:
            if not is_started:
                await answer(framed_send, 413, "PAYLOAD_TOO_LARGE", "The body is too large.", request_id)
        except Exception:
            log.exception("request_failed", path=shown_path(scope["path"]))
            if not is_started:
                await answer(framed_send, 500, "INTERNAL", "Something went wrong on our side.", request_id)
        finally:
            path = scope["path"]
            if path not in QUIET_PATHS:
                self.log.note(request_id, scope["method"], path, status, time.perf_counter() - started)

    def _limited(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive:
        # Without a length and without a coding there is no body (RFC 9112 §6.3).
        declared = headers.get(b"content-length", b"0")
        is_declared = declared.isdigit() and b"transfer-encoding" not in headers
        if is_declared and int(declared) <= self.body_bytes_max:
            return receive  # the server reads no further than that
        is_form = headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == FORM
        bytes_max = self.form_bytes_max if is_form else self.body_bytes_max
        if is_declared and int(declared) <= bytes_max:
            return receive
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            if is_declared:
                raise BodyTooLarge
            message = await receive()
            received += len(message.get("body", b""))
            if received > bytes_max:
                raise BodyTooLarge
            return message

        return limited_receive


def request_id_of(headers: Mapping[bytes, bytes]) -> str:
    """The client's own id when it has a sane form, else a new one."""
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    if given and SANE_REQUEST_ID.fullmatch(given):
        return given
    # As sortable as the ids of things; it only has to be its own, so it need not be one that nobody guesses.
    return f"req_{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"


def framed(given: Any, scope: Scope, request_id: str) -> list[tuple[bytes, bytes]]:
    """The answer's headers with the request's id and what keeps browsers from misusing the answer."""
    return [*_guarded(tuple(given), scope.get("scheme") == "https"), (b"x-request-id", request_id.encode())]


# An answer's headers are mostly those of one before, its request's id aside.
@lru_cache(KNOWN_MAX)
def _guarded(given: tuple[tuple[bytes, bytes], ...], is_secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    named = dict(given)
    guards = [(name, value) for name, value in SECURITY_HEADERS.items() if name not in named]
    return (*given, *guards, HSTS) if is_secure else (*given, *guards)


async def answer(send: Any, status: int, code: str, message: str, request_id: str) -> None:
    """A GraphQL error as the whole answer."""
    extensions = {"code": code, "requestId": request_id}
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

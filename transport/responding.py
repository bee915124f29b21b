"""Answers over HTTP: which status an answer has, and which headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import orjson

from transport.answer import Answer
from transport.answers import Remembered
from transport.negotiation import Form

OK, NOT_MODIFIED, BAD_REQUEST, METHOD_NOT_ALLOWED, REQUEST_TIMEOUT, UNSUPPORTED, UNAVAILABLE = (
    200,
    304,
    400,
    405,
    408,
    415,
    503,
)
CONTENT_TYPES: Final = {form: f"{form}; charset=utf-8".encode() for form in Form}
# What depends on the caller is nobody else's to keep.
NO_STORE: Final = (b"cache-control", b"no-store")

Send = Callable[[Any], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Unanswerable(Exception):
    """A request that is answered without running anything. `allow` names the methods that would have been right."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST", *, allow: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.allow = status, code, allow


async def tell(send: Send, answer: Answer, form: Form) -> None:
    """An operation's answer. Old clients (`application/json`) take every status but 200 for a broken network."""
    status, more = OK, [NO_STORE]
    if not answer.has_run:
        if form is Form.RESPONSE or answer.status == METHOD_NOT_ALLOWED:
            status = answer.status
        if answer.status == METHOD_NOT_ALLOWED:
            more.append((b"allow", b"POST"))
        if answer.retry_after_seconds is not None:
            more.append((b"retry-after", b"%d" % answer.retry_after_seconds))
    await respond(send, status, answer.body, form, more)


async def tell_remembered(send: Send, remembered: Remembered, if_none_match: bytes | None) -> None:
    """An answer that anybody may keep, or that the client has it already."""
    if remembered.is_had(if_none_match):
        start = {"type": "http.response.start", "status": NOT_MODIFIED, "headers": remembered.headers_unchanged}
        body = b""
    else:
        start = {"type": "http.response.start", "status": OK, "headers": remembered.headers}
        body = remembered.body
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, form: Form, status: int, message: str, *, allow: str = "", **extensions: str) -> None:
    """A GraphQL error for a request that never ran; what is empty of its extensions is left out."""
    told = {name: value for name, value in extensions.items() if value}
    body = orjson.dumps({"errors": [{"message": message, "extensions": told}]})
    await respond(send, status, body, form, [NO_STORE, *([(b"allow", allow.encode())] if allow else [])])


async def respond(send: Send, status: int, body: bytes, form: Form, more: Headers = ()) -> None:
    """The whole answer."""
    headers = [(b"content-type", CONTENT_TYPES[form]), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

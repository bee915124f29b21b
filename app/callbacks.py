"""`/callbacks/…`: what providers tell us. It is kept and answered at once; jobs take it in.

Served past the router: they come in floods, and a provider that waits calls again.
"""

from __future__ import annotations

from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from app.wiring import Wiring
from db.mpesa_inbox import ArrivedCallback
from domain.payments.mpesa_request import digest_of

STK: Final = "/callbacks/stk/"
"""In front of the token. Daraja refuses addresses that say what they are for."""
BODY_BYTES_MAX: Final = 16 * 1024
TOKEN_LENGTH_MAX: Final = 64
ACCEPTED: Final = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
FORBIDDEN, NOT_FOUND, NOT_ALLOWED, TOO_LONG, OK = 403, 404, 405, 413, 200

log = structlog.get_logger("sokoni.callbacks")


class StkCallbacks:
    """Keeps what M-Pesa says of prompts: whatever it is, it is answered as Daraja wants. An unknown token, and whoever
    calls from elsewhere, is told nothing.
    """

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `STK`."""
        status = await self._status_of(scope, receive)
        await answer(send, status, ACCEPTED if status == OK else b"")

    async def _status_of(self, scope: Scope, receive: Receive) -> int:
        client = scope.get("client")
        source = client[0] if client else ""
        if scope["method"] != "POST":
            return NOT_ALLOWED
        if not self._wiring.settings.may_call_back(source):
            log.error("callback_from_elsewhere", source=source)
            return FORBIDDEN
        body = await bounded_body(receive, bytes_max=BODY_BYTES_MAX)
        if body is None:
            log.error("callback_not_read", source=source)
            return TOO_LONG
        arrived = ArrivedCallback(
            token_digest=digest_of(scope["path"][len(STK) :][:TOKEN_LENGTH_MAX]),
            body=body,
            source=source,
            request_id=scope["state"]["request_id"],
            at=self._wiring.clock.now(),
        )
        if not await self._wiring.mpesa_inbox.keep(arrived):
            log.error("callback_of_nobody", source=source)
            return NOT_FOUND
        self._wiring.doorbell.ring()
        return OK


async def bounded_body(receive: Receive, *, bytes_max: int) -> bytes | None:
    """The whole body; None where it was cut off or is longer."""
    body, has_more = b"", True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            return None  # it was cut off, and half of it says nothing
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > bytes_max:
            return None
    return body


async def answer(send: Send, status: int, body: bytes = b"") -> None:
    """Say it, and where it should have been POST, that as well."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def shown_path(path: str) -> str:
    """A path for the log: whoever reads that must not be able to call back."""
    return f"{STK}•••" if path.startswith(STK) else path

"""`/callbacks/…`: what providers tell us. It is kept and answered at once; jobs take it in.

Served past the router: they come in floods, and a provider that waits calls again.
"""

from __future__ import annotations

from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from app.wiring import Wiring
from db.mpesa_inbox import ArrivedCallback, ArrivedPayoutCallback
from domain.payments.mpesa_request import digest_of
from domain.payouts.callback import PayoutCallbackKind, payout_of

STK: Final = "/callbacks/stk/"
B2C: Final = "/callbacks/b2c/"
"""In front of the token. Daraja refuses addresses that say what they are for."""
MPESA: Final = (STK, B2C)
BODY_BYTES_MAX: Final = 16 * 1024
TOKEN_LENGTH_MAX: Final = 64
PAYOUT_PATH_LENGTH_MAX: Final = 100
ACCEPTED: Final = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
FORBIDDEN, NOT_FOUND, NOT_ALLOWED, TOO_LONG, OK = 403, 404, 405, 413, 200

log = structlog.get_logger("sokoni.callbacks")


class MpesaCallbacks:
    """Keeps what M-Pesa says of prompts and payouts: whatever it is, it is answered as Daraja wants. An unknown token,
    and whoever calls from elsewhere, is told nothing.
    """

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `STK` or `B2C`."""
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
        keep = self._keep_of_prompt if scope["path"].startswith(STK) else self._keep_of_payout
        if not await keep(scope, body, source):
            log.error("callback_of_nobody", source=source)
            return NOT_FOUND
        self._wiring.doorbell.ring()
        return OK

    async def _keep_of_prompt(self, scope: Scope, body: bytes, source: str) -> bool:
        arrived = ArrivedCallback(
            token_digest=digest_of(scope["path"][len(STK) :][:TOKEN_LENGTH_MAX]),
            body=body,
            source=source,
            request_id=scope["state"]["request_id"],
            at=self._wiring.clock.now(),
        )
        return await self._wiring.mpesa_inbox.keep(arrived)

    async def _keep_of_payout(self, scope: Scope, body: bytes, source: str) -> bool:
        token, _, kind = scope["path"][len(B2C) :][:PAYOUT_PATH_LENGTH_MAX].partition("/")
        payout_id = payout_of(token, self._wiring.gateways.secrets)
        if payout_id is None or kind.upper() not in PayoutCallbackKind.__members__:
            return False
        arrived = ArrivedPayoutCallback(
            payout_id=payout_id,
            kind=PayoutCallbackKind[kind.upper()],
            body=body,
            source=source,
            request_id=scope["state"]["request_id"],
            at=self._wiring.clock.now(),
        )
        return await self._wiring.mpesa_inbox.keep_for_payout(arrived)


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
    return next((f"{prefix}•••" for prefix in MPESA if path.startswith(prefix)), path)

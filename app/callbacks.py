"""`/callbacks/…`: what providers tell us. It is kept and answered at once; jobs take it in."""

from __future__ import annotations

from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.wiring import Wiring
from db.mpesa_inbox import ArrivedCallback
from domain.payments.mpesa_request import digest_of

STK: Final = "/callbacks/stk/"
"""In front of the token. Daraja refuses addresses that say what they are for."""
BODY_BYTES_MAX: Final = 16 * 1024
TOKEN_LENGTH_MAX: Final = 64
ACCEPTED: Final = b'{"ResultCode":0,"ResultDesc":"Accepted"}'

log = structlog.get_logger("sokoni.callbacks")


async def stk_callback(request: Request) -> Response:
    """Keep what M-Pesa says of a prompt: whatever it is, it is answered as Daraja wants. An unknown token, and whoever
    calls from elsewhere, is told nothing.
    """
    wiring: Wiring = request.app.state.wiring
    source = request.client.host if request.client else ""
    token = request.path_params["token"]
    if not wiring.settings.may_call_back(source):
        log.error("callback_from_elsewhere", source=source)
        return Response(status_code=403)
    body = await _bounded_body(request)
    if body is None:
        log.error("callback_too_long", source=source)
        return Response(status_code=413)
    arrived = ArrivedCallback(
        token_digest=digest_of(token[:TOKEN_LENGTH_MAX]),
        body=body,
        source=source,
        request_id=request.state.request_id,
        at=wiring.clock.now(),
    )
    if not await wiring.mpesa_inbox.keep(arrived):
        log.error("callback_of_nobody", source=source)
        return Response(status_code=404)
    wiring.doorbell.ring()
    return Response(ACCEPTED, media_type="application/json")


async def _bounded_body(request: Request) -> bytes | None:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


def shown_path(path: str) -> str:
    """A path for the log: whoever reads that must not be able to call back."""
    return f"{STK}•••" if path.startswith(STK) else path

"""`/callbacks/…`: what providers tell us, by the name of their rail. What an acquirer signed is kept and answered at
once; a job takes it in. What nobody signed is refused, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from app.callbacks import MPESA, NOT_ALLOWED, NOT_FOUND, OK, TOO_LONG, MpesaCallbacks, answer, bounded_body
from app.wiring import Wiring
from db.acquirer_inbox import SignedCallback
from domain.payments.acquirer import ForgedCallback, SignaturesUnavailable
from domain.payments.state import Rail

CALLBACKS: Final = "/callbacks/"
BODY_BYTES_MAX: Final = 256 * 1024
RECEIVED: Final = b'{"received":true}'
FORGED: Final = 400
UNAVAILABLE: Final = 503
RAILS: Final[Mapping[str, Rail]] = MappingProxyType(
    {
        f"{CALLBACKS}card": Rail.CARD,
        f"{CALLBACKS}paypal": Rail.PAYPAL,
        f"{CALLBACKS}razorpay": Rail.RAZORPAY,
    }
)

log = structlog.get_logger("sokoni.callbacks")


class Callbacks:
    """All of them."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._mpesa = MpesaCallbacks(wiring)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `CALLBACKS`."""
        if scope["path"].startswith(MPESA):
            await self._mpesa(scope, receive, send)
            return
        status = await self._status_of(scope, receive)
        await answer(send, status, RECEIVED if status == OK else b"")

    async def _status_of(self, scope: Scope, receive: Receive) -> int:
        rail = RAILS.get(scope["path"])
        signatures = None if rail is None else self._wiring.callback_signatures.get(rail)
        if rail is None or signatures is None:
            return NOT_FOUND
        if scope["method"] != "POST":
            return NOT_ALLOWED
        client = scope.get("client")
        source = client[0] if client else ""
        body = await bounded_body(receive, bytes_max=BODY_BYTES_MAX)
        if body is None:
            log.error("callback_not_read", source=source, rail=rail.value)
            return TOO_LONG
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        now = self._wiring.clock.now()
        try:
            event_id = await signatures.event_id(headers, body, at=now)
        except (ForgedCallback, SignaturesUnavailable) as refused:
            is_forged = isinstance(refused, ForgedCallback)
            log.warning("callback_not_signed", source=source, rail=rail.value, is_forged=is_forged, why=str(refused))
            return FORGED if is_forged else UNAVAILABLE
        arrived = SignedCallback(
            rail=rail, event_id=event_id, body=body, source=source, request_id=scope["state"]["request_id"], at=now
        )
        await self._wiring.acquirer_inbox.keep(arrived)
        self._wiring.doorbell.ring()
        return OK

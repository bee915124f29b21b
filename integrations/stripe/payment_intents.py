"""Cards by Stripe's payment intents: opened here, confirmed by the payer's app, told by events."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from domain.clock import Clock
from domain.payments.acquirer import (
    AcquirerAnswer,
    AcquirerBusy,
    AcquirerRefused,
    AcquirerUnknown,
    CheckoutOrder,
    CheckoutView,
    Told,
)
from integrations.acquirer_http import AcquirerHttp
from integrations.answers import object_in, object_of, text_of
from integrations.outbound_http import OK, SERVER_FAULT, OutboundAnswer, OutboundHttp
from integrations.stripe.account import PROVIDER, StripeAccount
from integrations.stripe.reading import REFERENCE, read_event, view_of

INTENTS: Final = "/v1/payment_intents"
UNAUTHORIZED, FORBIDDEN, IN_USE, TOO_MANY = 401, 403, 409, 429
REPLAYED: Final = "idempotency_error"


class StripeCards:
    """See the port `Acquirer`."""

    def __init__(self, account: StripeAccount, *, clock: Clock, http: OutboundHttp | None = None) -> None:
        self._account, self._clock = account, clock
        self._http = AcquirerHttp(http or OutboundHttp(PROVIDER))

    async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Create the intent under its idempotency key, for cards alone; nothing is charged before it is confirmed."""
        form = {
            "amount": str(order.amount.minor),
            "currency": order.amount.asset.code.lower(),
            "payment_method_types[]": "card",
            f"metadata[{REFERENCE}]": order.reference,
            "description": f"Sokoni {order.reference}",
        }
        return await self._post(INTENTS, form, name=order.name)

    async def look(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Retrieve it."""
        asked_at = self._clock.now()
        answer = await self._http.get(self._account.url + _path_of(order), self._account.headers)
        return self._judged(answer, asked_at) if isinstance(answer, OutboundAnswer) else answer

    async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Take what was authorized; one that was captured before says so when it is looked at."""
        return await self._done_or_seen(order, "capture", {})

    async def close(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Cancel it; one that cannot be cancelled any more says why when it is looked at."""
        return await self._done_or_seen(order, "cancel", {"cancellation_reason": "abandoned"})

    def read_callback(self, body: bytes) -> Told:
        """See the port."""
        return read_event(body, is_live=self._account.is_live)

    async def _done_or_seen(self, order: CheckoutOrder, what: str, form: dict[str, str]) -> AcquirerAnswer:
        answer = await self._post(f"{_path_of(order)}/{what}", form)
        return await self.look(order) if isinstance(answer, AcquirerRefused) else answer

    async def _post(self, path: str, form: dict[str, str], *, name: str | None = None) -> AcquirerAnswer:
        asked_at = self._clock.now()
        headers = self._account.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        if name is not None:
            headers["Idempotency-Key"] = name
        answer = await self._http.post(self._account.url + path, urlencode(form).encode(), headers)
        return self._judged(answer, asked_at) if isinstance(answer, OutboundAnswer) else answer

    def _judged(self, answer: OutboundAnswer, asked_at: datetime) -> CheckoutView | AcquirerAnswer:
        said = object_in(answer.body)
        if answer.status == OK:
            view = view_of(said, told_at=asked_at, public_key=self._account.public_key)
            return view or AcquirerUnknown("UNREADABLE")
        error = object_of(said.get("error"))
        code = text_of(error.get("code")) or text_of(error.get("type")) or f"HTTP_{answer.status}"
        if answer.status >= SERVER_FAULT:
            # Stripe keeps the first answer to a key, its own faults included.
            return AcquirerUnknown(code, is_kept=True)
        if answer.status in (IN_USE, TOO_MANY):
            return AcquirerBusy(code)
        is_ours = answer.status in (UNAUTHORIZED, FORBIDDEN) or error.get("type") == REPLAYED
        return AcquirerRefused(code, is_ours=is_ours)


def _path_of(order: CheckoutOrder) -> str:
    assert order.provider_id is not None, "it was opened"
    return f"{INTENTS}/{quote(order.provider_id, safe='')}"

"""Payments by Razorpay's orders: opened here, authorized by the payer in its checkout, captured here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

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
from domain.payments.checkout_state import CheckoutState
from integrations.acquirer_http import AcquirerHttp, Fault
from integrations.answers import object_in, object_of, text_of
from integrations.outbound_http import OK, SERVER_FAULT, OutboundAnswer, OutboundHttp
from integrations.razorpay.account import PROVIDER, RazorpayAccount
from integrations.razorpay.reading import read_event, view_of_order, view_of_payment

ORDERS: Final = "/v1/orders"
PAYMENTS: Final = "/v1/payments"
UNAUTHORIZED, FORBIDDEN, TOO_MANY = 401, 403, 429
# Minutes after which what was authorized and not captured goes back to the payer.
MANUAL_EXPIRY_MINUTES: Final = 7_200
MANUAL: Final = {
    "capture": "manual",
    "capture_options": {"manual_expiry_period": MANUAL_EXPIRY_MINUTES, "refund_speed": "normal"},
}


class RazorpayOrders:
    """See the port `Acquirer`."""

    def __init__(self, account: RazorpayAccount, *, clock: Clock, http: OutboundHttp | None = None) -> None:
        self._account, self._clock = account, clock
        self._http = AcquirerHttp(http or OutboundHttp(PROVIDER))

    async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Create the order. Razorpay knows no request by its name, so from the second time on it is looked for by our
        reference before; one that comes about besides is shown to nobody, and nobody pays it.
        """
        if order.attempt > 1:
            found = await self._found(order)
            if found is not None:
                return found
        asked_at = self._clock.now()
        body = {
            "amount": order.amount.minor,
            "currency": order.amount.asset.code,
            "receipt": order.reference,
            "notes": {"reference": order.reference},
            "payment": MANUAL,
        }
        answer = await self._http.post(self._account.url + ORDERS, orjson.dumps(body), self._account.headers)
        said = _said(answer)
        if not isinstance(said, dict):
            return said
        return self._viewed(said, (), asked_at)

    async def look(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Fetch the order and its payments."""
        asked_at = self._clock.now()
        said = await self._got(_path_of(order))
        if not isinstance(said, dict):
            return said
        payments = await self._got(f"{_path_of(order)}/payments")
        if not isinstance(payments, dict):
            return payments
        items = payments.get("items")
        return self._viewed(said, items if isinstance(items, list) else (), asked_at)

    async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Capture what the payer authorized, exactly our amount; one that was captured before says so when it is
        looked at.
        """
        assert order.authorization is not None, "it was authorized"
        asked_at = self._clock.now()
        body = orjson.dumps({"amount": order.amount.minor, "currency": order.amount.asset.code})
        path = f"{PAYMENTS}/{quote(order.authorization, safe='')}/capture"
        said = _said(await self._http.post(self._account.url + path, body, self._account.headers))
        if isinstance(said, AcquirerRefused):
            seen = await self.look(order)
            is_taken = isinstance(seen, CheckoutView) and seen.state is CheckoutState.PAID
            return seen if is_taken else said
        if not isinstance(said, dict):
            return said
        view = view_of_payment(
            said,
            order_id=order.provider_id or "",
            reference=order.reference,
            told_at=asked_at,
            public_key=self._account.key_id,
        )
        return view or AcquirerUnknown("UNREADABLE")

    async def close(self, order: CheckoutOrder) -> AcquirerAnswer:
        """An order cannot be cancelled and need not be: what we do not capture goes back to the payer."""
        seen = await self.look(order)
        is_untaken = isinstance(seen, CheckoutView) and seen.state is not CheckoutState.PAID
        return replace(seen, state=CheckoutState.CLOSED) if isinstance(seen, CheckoutView) and is_untaken else seen

    def read_callback(self, body: bytes) -> Told:
        """See the port."""
        return read_event(body)

    async def _found(self, order: CheckoutOrder) -> AcquirerAnswer | None:
        asked_at = self._clock.now()
        said = await self._got(f"{ORDERS}?{urlencode({'receipt': order.reference})}")
        if not isinstance(said, dict):
            return said
        items = said.get("items")
        known = [object_of(one) for one in (items if isinstance(items, list) else ())]
        ours = next((one for one in known if one.get("receipt") == order.reference), None)
        return None if ours is None else self._viewed(ours, (), asked_at)

    def _viewed(self, said: dict[str, Any], payments: Any, asked_at: datetime) -> AcquirerAnswer:
        view = view_of_order(said, payments, told_at=asked_at, public_key=self._account.key_id)
        return view or AcquirerUnknown("UNREADABLE")

    async def _got(self, path: str) -> dict[str, Any] | Fault | AcquirerRefused:
        return _said(await self._http.get(self._account.url + path, self._account.headers))


def _said(answer: OutboundAnswer | Fault) -> dict[str, Any] | Fault | AcquirerRefused:
    """The object of an answer, or what the answer is to our port."""
    if not isinstance(answer, OutboundAnswer):
        return answer
    said = object_in(answer.body)
    if answer.status == OK:
        return said or AcquirerUnknown("UNREADABLE")
    error = object_of(said.get("error"))
    code = text_of(error.get("code"), longest=100) or f"HTTP_{answer.status}"
    if answer.status >= SERVER_FAULT:
        return AcquirerUnknown(code)
    if answer.status == TOO_MANY:
        return AcquirerBusy(code)
    return AcquirerRefused(code, is_ours=answer.status in (UNAUTHORIZED, FORBIDDEN))


def _path_of(order: CheckoutOrder) -> str:
    assert order.provider_id is not None, "it was opened"
    return f"{ORDERS}/{quote(order.provider_id, safe='')}"

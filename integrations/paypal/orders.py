"""Payments by PayPal's orders: opened here, approved by the payer there, captured here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import orjson

from domain.clock import Clock
from domain.errors import GatewayFault
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
from integrations.bearer_tokens import BearerTokens, GivenToken
from integrations.outbound_http import OK, SERVER_FAULT, OutboundAnswer, OutboundHttp
from integrations.paypal.account import PROVIDER, PayPalAccount
from integrations.paypal.reading import read_event, view_of_order

ORDERS: Final = "/v2/checkout/orders"
TOKEN: Final = "/v1/oauth2/token"
CREATED, UNAUTHORIZED, FORBIDDEN, IN_USE, TOO_MANY = 201, 401, 403, 409, 429
# Said of an order that is not, or not any more, as whoever captures it thought: how it stands is asked for then.
STANDS_OTHERWISE: Final = frozenset({"ORDER_ALREADY_CAPTURED", "ORDER_NOT_APPROVED", "ORDER_COMPLETED_OR_VOIDED"})
LIFE_MAX: Final = timedelta(hours=8)


class PayPalOrders:
    """See the port `Acquirer`."""

    def __init__(self, account: PayPalAccount, *, clock: Clock, http: OutboundHttp | None = None) -> None:
        self._account, self._clock = account, clock
        self._outbound = http or OutboundHttp(PROVIDER)
        self._http = AcquirerHttp(self._outbound)
        self._tokens = BearerTokens(self._fetched_token, clock=clock)

    async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Create the order under its request id; nothing is taken before the payer approves it and we capture it."""
        unit = {
            "reference_id": order.reference,
            "custom_id": order.reference,
            "invoice_id": order.reference,
            "amount": {"currency_code": order.amount.asset.code, "value": order.amount.amount},
        }
        body: dict[str, Any] = {"intent": "CAPTURE", "purchase_units": [unit]}
        if self._account.return_url is not None:
            back = {"return_url": self._account.return_url, "cancel_url": self._account.return_url}
            shown = {**back, "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING"}
            body["payment_source"] = {"paypal": {"experience_context": shown}}
        return await self._post(ORDERS, body, name=order.name)

    async def look(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Show its details."""
        return await self._asked(_path_of(order), None, None)

    async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
        """Capture it; an order is captured once at most, so one that was says so when it is looked at."""
        answer = await self._post(f"{_path_of(order)}/capture", {}, name=f"{order.name}-capture")
        is_otherwise = isinstance(answer, AcquirerRefused) and answer.code in STANDS_OTHERWISE
        return await self.look(order) if is_otherwise else answer

    async def close(self, order: CheckoutOrder) -> AcquirerAnswer:
        """An order cannot be cancelled and need not be: what we do not capture is never taken."""
        seen = await self.look(order)
        is_untaken = isinstance(seen, CheckoutView) and seen.state in (CheckoutState.OPEN, CheckoutState.APPROVED)
        return replace(seen, state=CheckoutState.CLOSED) if isinstance(seen, CheckoutView) and is_untaken else seen

    def read_callback(self, body: bytes) -> Told:
        """See the port."""
        return read_event(body)

    async def _post(self, path: str, body: dict[str, Any], *, name: str) -> AcquirerAnswer:
        return await self._asked(path, orjson.dumps(body), name)

    async def _asked(self, path: str, body: bytes | None, name: str | None) -> AcquirerAnswer:
        """With a token; where that is worth nothing any more, once more with another: nothing was done."""
        asked_at = self._clock.now()
        answer = await self._sent(path, body, name)
        if isinstance(answer, OutboundAnswer) and answer.status == UNAUTHORIZED:
            answer = await self._sent(path, body, name)
        return self._judged(answer, asked_at) if isinstance(answer, OutboundAnswer) else answer

    async def _sent(self, path: str, body: bytes | None, name: str | None) -> OutboundAnswer | Fault:
        try:
            token = await self._tokens.current()
        except GatewayFault as fault:
            return AcquirerBusy(f"NO_TOKEN:{fault.provider_code}")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if body is None:
            answer: OutboundAnswer | Fault = await self._http.get(self._account.url + path, headers)
        else:
            asked = {"PayPal-Request-Id": name or "", "Prefer": "return=representation"}
            answer = await self._http.post(self._account.url + path, body, headers | asked)
        if isinstance(answer, OutboundAnswer) and answer.status == UNAUTHORIZED:
            self._tokens.forget(token)
        return answer

    def _judged(self, answer: OutboundAnswer, asked_at: datetime) -> AcquirerAnswer:
        said = object_in(answer.body)
        if answer.status in (OK, CREATED):
            view = view_of_order(said, told_at=asked_at, public_key=self._account.client_id)
            return view or AcquirerUnknown("UNREADABLE")
        code = _code_of(said) or f"HTTP_{answer.status}"
        if answer.status >= SERVER_FAULT:
            return AcquirerUnknown(code)
        if answer.status in (IN_USE, TOO_MANY):
            return AcquirerBusy(code)
        return AcquirerRefused(code, is_ours=answer.status in (UNAUTHORIZED, FORBIDDEN))

    async def _fetched_token(self) -> GivenToken:
        headers = {
            "Authorization": f"Basic {self._account.basic_credential}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = await self._outbound.post(self._account.url + TOKEN, b"grant_type=client_credentials", headers=headers)
        said = object_in(answer.body)
        token, seconds = text_of(said.get("access_token"), longest=4_000), said.get("expires_in")
        if answer.status != OK or token is None or not isinstance(seconds, int):
            raise GatewayFault(PROVIDER, str(answer.status), "PayPal gives no access token.")
        return GivenToken(token, min(LIFE_MAX, timedelta(seconds=max(0, seconds))))


def _code_of(said: dict[str, Any]) -> str | None:
    details = said.get("details")
    first = object_of(details[0]) if isinstance(details, list) and details else {}
    return text_of(first.get("issue"), longest=100) or text_of(said.get("name"), longest=100)


def _path_of(order: CheckoutOrder) -> str:
    assert order.provider_id is not None, "it was opened"
    return f"{ORDERS}/{quote(order.provider_id, safe='')}"

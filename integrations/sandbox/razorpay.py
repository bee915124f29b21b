"""A server in the shape of Razorpay's orders, for development and tests: its paths, its checks, its errors, and its two
signatures.

Each new order is paid by `success@razorpay` after two seconds, unless `POST /sandbox/behaviours` said otherwise before.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from aiohttp import BasicAuth, web

from integrations.razorpay.signatures import signature_of
from integrations.sandbox.caller import Caller
from integrations.sandbox.driven import Driven
from integrations.sandbox.razorpay_bodies import (
    BUSY,
    CAPTURED,
    GOOD,
    INTERNAL,
    NO_KEY,
    NOT_AUTHORIZED,
    NOT_FOUND,
    OTHER_AMOUNT,
    PAID,
    RazorpayFault,
    RazorpayOrder,
    RazorpayPayment,
    dispute_of,
    event_of,
    faulty_field,
    order_paid,
)

PAYS_AFTER_SECONDS: Final = 2.0
REFUSALS: Final = {"busy": BUSY, "internal": INTERNAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class RazorpayBehaviour:
    """What becomes of the next order. `answer` is what its creation is answered with: `ok`; `busy` or `internal`, and
    nothing is created; `internal-accepted` or `slow`, and it is created nevertheless. `captures` says the same of its
    capture.

    It is paid by the address `pays_with` – none: nobody pays it – after `after_seconds`. Each event is sent `callbacks`
    times.
    """

    answer: str = "ok"
    captures: str = "ok"
    pays_with: str | None = GOOD
    after_seconds: float = PAYS_AFTER_SECONDS
    callbacks: int = 1
    slow_seconds: float = 30.0


@dataclass(eq=False)
class RazorpaySandbox:
    """One account. `orders` is everything that was created."""

    key_id: str
    key_secret: str
    webhook_secret: str
    caller: Caller
    now: InitVar[Callable[[], datetime]] = lambda: datetime.now(UTC)
    usual: RazorpayBehaviour = field(default_factory=RazorpayBehaviour)
    orders: dict[str, RazorpayOrder] = field(default_factory=dict)
    behaviours: dict[str, RazorpayBehaviour] = field(default_factory=dict)
    captures: int = 0
    _next: list[RazorpayBehaviour] = field(default_factory=list)

    def __post_init__(self, now: Callable[[], datetime]) -> None:
        self.driven = Driven(now)

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_post("/v1/orders", self._create)
        application.router.add_get("/v1/orders", self._search)
        application.router.add_get("/v1/orders/{id}", self._show)
        application.router.add_get("/v1/orders/{id}/payments", self._payments)
        application.router.add_post("/v1/payments/{id}/capture", self._capture)
        application.router.add_post("/v1/payments/create/ajax", self._payer)
        self.driven.add_to(application)
        application.router.add_post("/sandbox/behaviours", self._behave)
        application.router.add_post("/sandbox/disputes/{id}", self._dispute)
        application.router.add_get("/sandbox/orders", self._shown)
        application.on_cleanup.append(self.caller.hang_up)
        return application

    def next(self, **behaviour: Any) -> None:
        """How the next order without a behaviour of its own goes."""
        self._next.append(replace(self.usual, **behaviour))

    async def pay(self, order: RazorpayOrder, vpa: str = GOOD) -> RazorpayPayment:
        """The payer pays in the checkout."""
        payment = order.attempt(vpa)
        await self._tell(event_of(payment, at=self.driven.now()), self.behaviours[order.id].callbacks)
        return payment

    def told_app(self, payment: RazorpayPayment) -> dict[str, str]:
        """What the checkout tells the payer's app."""
        signature = signature_of(self.key_secret, f"{payment.order_id}|{payment.id}".encode())
        return {
            "razorpay_payment_id": payment.id,
            "razorpay_order_id": payment.order_id,
            "razorpay_signature": signature,
        }

    async def tell(self, event: dict[str, Any], *, secret: str | None = None, event_id: str | None = None) -> None:
        """Send an event, signed."""
        body = orjson.dumps(event)
        headers = {
            "X-Razorpay-Signature": signature_of(secret or self.webhook_secret, body),
            "X-Razorpay-Event-Id": event_id or secrets.token_hex(7),
        }
        await self.caller.call(headers, body)

    async def _tell(self, event: dict[str, Any], times: int) -> None:
        event_id = secrets.token_hex(7)
        for _ in range(times):
            await self.tell(event, event_id=event_id)

    def _refused(self, request: web.Request) -> RazorpayFault | None:
        try:
            given = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            return NO_KEY
        return None if (given.login, given.password) == (self.key_id, self.key_secret) else NO_KEY

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if fault := self._refused(request) or faulty_field(body):
            return fault.response()
        behaviour = self._next.pop(0) if self._next else self.usual
        if behaviour.answer in REFUSALS:
            return REFUSALS[behaviour.answer].response()
        order = RazorpayOrder(
            amount=body["amount"], currency=body["currency"], receipt=body["receipt"], created=self.driven.now()
        )
        self.orders[order.id], self.behaviours[order.id] = order, behaviour
        if behaviour.pays_with is not None:
            self.caller.later(self._pay_later(order, behaviour, behaviour.pays_with))
        return await _done(order.shown, behaviour.answer, behaviour)

    async def _pay_later(self, order: RazorpayOrder, behaviour: RazorpayBehaviour, vpa: str) -> None:
        await self.driven.pass_time(behaviour.after_seconds)
        await self.pay(order, vpa)

    async def _search(self, request: web.Request) -> web.Response:
        if fault := self._refused(request):
            return fault.response()
        receipt = request.query.get("receipt")
        return _collection([order.shown for order in self.orders.values() if order.receipt == receipt])

    async def _show(self, request: web.Request) -> web.Response:
        order = self.orders.get(request.match_info["id"])
        if fault := self._refused(request) or (NOT_FOUND if order is None else None):
            return fault.response()
        assert order is not None
        return web.json_response(order.shown)

    async def _payments(self, request: web.Request) -> web.Response:
        order = self.orders.get(request.match_info["id"])
        if fault := self._refused(request) or (NOT_FOUND if order is None else None):
            return fault.response()
        assert order is not None
        return _collection([payment.shown for payment in order.payments])

    async def _capture(self, request: web.Request) -> web.Response:
        named, body = request.match_info["id"], await request.json()
        payment = next((one for order in self.orders.values() for one in order.payments if one.id == named), None)
        if fault := self._refused(request) or (NOT_FOUND if payment is None else None):
            return fault.response()
        assert payment is not None
        order, behaviour = self.orders[payment.order_id], self.behaviours[payment.order_id]
        if fault := self._uncapturable(order, payment, body):
            return fault.response()
        self.captures += 1
        payment.status = "captured"
        self.caller.later(self._tell_capture(order, payment, behaviour.callbacks))
        return await _done(payment.shown, behaviour.captures, behaviour)

    def _uncapturable(self, order: RazorpayOrder, payment: RazorpayPayment, body: Any) -> RazorpayFault | None:
        if payment.status == "captured":
            return CAPTURED
        if order.is_paid:
            return PAID
        if payment.status != "authorized":
            return NOT_AUTHORIZED
        if (body.get("amount"), body.get("currency")) != (payment.amount, payment.currency):
            return OTHER_AMOUNT
        behaviour = self.behaviours[order.id]
        fault = REFUSALS.get(behaviour.captures)
        if fault is not None:  # once
            self.behaviours[order.id] = replace(behaviour, captures="ok")
        return fault

    async def _tell_capture(self, order: RazorpayOrder, payment: RazorpayPayment, times: int) -> None:
        at = self.driven.now()
        await self._tell(event_of(payment, at=at), times)
        await self._tell(order_paid(order, payment, at=at), times)

    async def _payer(self, request: web.Request) -> web.Response:
        form = await request.post()
        order = self.orders.get(str(form.get("order_id")))
        if order is None or form.get("key_id") != self.key_id:
            return NOT_FOUND.response()
        if order.is_paid:
            return PAID.response()
        payment = await self.pay(order, str(form.get("vpa")))
        if payment.status == "failed":
            return RazorpayFault(400, "BAD_REQUEST_ERROR", "Payment failed").response()
        return web.json_response(self.told_app(payment))

    async def _dispute(self, request: web.Request) -> web.Response:
        order = self.orders[request.match_info["id"]]
        await self.tell(dispute_of(order.payments[-1], at=self.driven.now(), **await request.json()))
        return web.json_response({})

    async def _behave(self, request: web.Request) -> web.Response:
        try:
            self.next(**await request.json())
        except TypeError as unknown:
            return web.json_response({"error": str(unknown)}, status=400)
        return web.json_response({"next": len(self._next)})

    async def _shown(self, _: web.Request) -> web.Response:
        return web.json_response([order.shown for order in self.orders.values()])


def _collection(items: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"entity": "collection", "count": len(items), "items": items})


async def _done(said: Any, answer: str, behaviour: RazorpayBehaviour) -> web.Response:
    if answer == "slow":
        await asyncio.sleep(behaviour.slow_seconds)
    if answer == "internal-accepted":
        return INTERNAL.response()
    return web.json_response(said)

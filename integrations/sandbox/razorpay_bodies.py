"""The objects of the Razorpay-shaped server, and what it checks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aiohttp import web

AMOUNT_MIN: Final = 100
RECEIPT_LENGTH_MAX: Final = 40
# Razorpay's own addresses for tests of UPI.
GOOD: Final = "success@razorpay"
BAD: Final = "failure@razorpay"


@dataclass(frozen=True, slots=True)
class RazorpayFault:
    """An error as Razorpay tells it."""

    status: int
    code: str
    description: str

    def response(self) -> web.Response:
        """As HTTP."""
        said = {"code": self.code, "description": self.description, "source": "business", "step": None}
        return web.json_response({"error": said}, status=self.status)


NO_KEY: Final = RazorpayFault(401, "BAD_REQUEST_ERROR", "Authentication failed")
NOT_FOUND: Final = RazorpayFault(400, "BAD_REQUEST_ERROR", "The id provided does not exist")
INTERNAL: Final = RazorpayFault(500, "SERVER_ERROR", "We are facing some trouble completing your request.")
BUSY: Final = RazorpayFault(429, "BAD_REQUEST_ERROR", "Too many requests")
CAPTURED: Final = RazorpayFault(400, "BAD_REQUEST_ERROR", "This payment has already been captured")
OTHER_AMOUNT: Final = RazorpayFault(400, "BAD_REQUEST_ERROR", "Capture amount must be equal to the amount authorized")
NOT_AUTHORIZED: Final = RazorpayFault(400, "BAD_REQUEST_ERROR", "Only authorized payments can be captured")
PAID: Final = RazorpayFault(400, "BAD_REQUEST_ERROR", "Order is already paid")


def _name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(7)}"


@dataclass(eq=False, kw_only=True)
class RazorpayPayment:
    """One try to pay an order."""

    order_id: str
    amount: int
    currency: str
    status: str
    id: str = field(default_factory=lambda: _name("pay"))

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON."""
        is_failed = self.status == "failed"
        return {
            "id": self.id,
            "entity": "payment",
            "amount": self.amount,
            "currency": self.currency,
            "status": self.status,
            "order_id": self.order_id,
            "method": "upi",
            "captured": self.status == "captured",
            "error_code": "BAD_REQUEST_ERROR" if is_failed else None,
            "error_reason": "payment_failed" if is_failed else None,
            "notes": {},
        }


@dataclass(eq=False, kw_only=True)
class RazorpayOrder:
    """An order, and what was tried to pay it."""

    amount: int
    currency: str
    receipt: str
    created: datetime
    id: str = field(default_factory=lambda: _name("order"))
    payments: list[RazorpayPayment] = field(default_factory=list)

    def attempt(self, vpa: str) -> RazorpayPayment:
        """Somebody tries to pay."""
        status = "authorized" if vpa == GOOD else "failed"
        payment = RazorpayPayment(order_id=self.id, amount=self.amount, currency=self.currency, status=status)
        self.payments.append(payment)
        return payment

    @property
    def is_paid(self) -> bool:
        """Whether one was captured."""
        return any(payment.status == "captured" for payment in self.payments)

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "entity": "order",
            "amount": self.amount,
            "amount_paid": self.amount if self.is_paid else 0,
            "amount_due": 0 if self.is_paid else self.amount,
            "currency": self.currency,
            "receipt": self.receipt,
            "status": "paid" if self.is_paid else "attempted" if self.payments else "created",
            "attempts": len(self.payments),
            "notes": {"reference": self.receipt},
            "created_at": int(self.created.timestamp()),
        }


def event_of(payment: RazorpayPayment, *, at: datetime) -> dict[str, Any]:
    """What is told of a payment as it stands."""
    return _event(f"payment.{payment.status}", {"payment": {"entity": payment.shown}}, at)


def order_paid(order: RazorpayOrder, payment: RazorpayPayment, *, at: datetime) -> dict[str, Any]:
    """What is told of an order that was paid."""
    return _event("order.paid", {"payment": {"entity": payment.shown}, "order": {"entity": order.shown}}, at)


def dispute_of(
    payment: RazorpayPayment, *, at: datetime, status: str = "open", reason: str = "chargeback", kind: str = "created"
) -> dict[str, Any]:
    """What is told of a dispute about a payment."""
    said = {
        "id": f"disp_{payment.id[4:]}",
        "entity": "dispute",
        "payment_id": payment.id,
        "amount": payment.amount,
        "currency": payment.currency,
        "reason_code": reason,
        "status": status,
    }
    return _event(f"payment.dispute.{kind}", {"payment": {"entity": payment.shown}, "dispute": {"entity": said}}, at)


def _event(kind: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "entity": "event",
        "account_id": "acc_sandbox",
        "event": kind,
        "contains": list(payload),
        "payload": payload,
        "created_at": int(at.timestamp()),
    }


def faulty_field(body: Any) -> RazorpayFault | None:
    """The first thing that Razorpay would not take."""
    amount, receipt = body.get("amount"), body.get("receipt")
    if not isinstance(amount, int) or amount < AMOUNT_MIN:
        return RazorpayFault(400, "BAD_REQUEST_ERROR", "Order amount less than minimum amount allowed")
    if body.get("currency") != "INR":
        return RazorpayFault(400, "BAD_REQUEST_ERROR", "Currency is not supported")
    if not isinstance(receipt, str) or len(receipt) > RECEIPT_LENGTH_MAX:
        return RazorpayFault(400, "BAD_REQUEST_ERROR", "The receipt may not be greater than 40 characters.")
    return None

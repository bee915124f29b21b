"""The objects of the PayPal-shaped server, and what it checks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Self

from aiohttp import web

CURRENCIES: Final = ("USD", "EUR", "GBP", "AUD", "CAD")
_AMOUNT: Final = re.compile(r"\d{1,10}\.\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PayPalFault:
    """An error as PayPal tells it."""

    status: int
    name: str
    issue: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As JSON."""
        details = [{"issue": self.issue, "description": self.issue}] if self.issue else []
        return {"name": self.name, "message": self.name, "debug_id": "sandbox1", "details": details}

    def response(self) -> web.Response:
        """As HTTP."""
        return web.json_response(self.body, status=self.status)


NO_TOKEN: Final = PayPalFault(401, "AUTHENTICATION_FAILURE")
NOT_FOUND: Final = PayPalFault(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
INTERNAL: Final = PayPalFault(500, "INTERNAL_SERVER_ERROR")
BUSY: Final = PayPalFault(429, "RATE_LIMIT_REACHED")
DECLINED: Final = PayPalFault(422, "UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED")
NOT_APPROVED: Final = PayPalFault(422, "UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED")
CAPTURED: Final = PayPalFault(422, "UNPROCESSABLE_ENTITY", "ORDER_ALREADY_CAPTURED")


@dataclass(eq=False, kw_only=True)
class Order:
    """An order."""

    id: str
    reference: str | None
    currency: str
    value: str
    created: datetime
    link: str
    status: str = "CREATED"
    capture_id: str = field(default_factory=lambda: secrets.token_hex(8).upper() + "C")
    capture_status: str | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any], *, created: datetime, url: str) -> Self:
        """A new one."""
        unit, order_id = body["purchase_units"][0], secrets.token_hex(8).upper() + "O"
        return cls(
            id=order_id,
            reference=unit.get("custom_id"),
            currency=unit["amount"]["currency_code"],
            value=unit["amount"]["value"],
            created=created,
            link=f"{url}/checkoutnow?token={order_id}",
        )

    @property
    def amount(self) -> dict[str, str]:
        """As JSON."""
        return {"currency_code": self.currency, "value": self.value}

    @property
    def capture(self) -> dict[str, Any]:
        """As JSON, as an event about it says it."""
        return {
            "id": self.capture_id,
            "status": self.capture_status,
            "amount": self.amount,
            "custom_id": self.reference,
            "final_capture": True,
            "supplementary_data": {"related_ids": {"order_id": self.id}},
        }

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON."""
        unit: dict[str, Any] = {"reference_id": self.reference, "custom_id": self.reference, "amount": self.amount}
        if self.capture_status is not None:
            without = {name: value for name, value in self.capture.items() if name != "supplementary_data"}
            unit["payments"] = {"captures": [without]}
        return {
            "id": self.id,
            "intent": "CAPTURE",
            "status": self.status,
            "purchase_units": [unit],
            "create_time": stamp(self.created),
            "links": [
                {"href": f"{self.link}#self", "rel": "self", "method": "GET"},
                {"href": self.link, "rel": "approve", "method": "GET"},
            ],
        }


CAPTURE_EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "COMPLETED": "PAYMENT.CAPTURE.COMPLETED",
        "PENDING": "PAYMENT.CAPTURE.PENDING",
        "DECLINED": "PAYMENT.CAPTURE.DENIED",
    }
)


def approved(order: Order, *, at: datetime) -> dict[str, Any]:
    """What is told when the payer approved."""
    return _event("CHECKOUT.ORDER.APPROVED", "checkout-order", order.shown, at)


def captured(order: Order, *, at: datetime) -> dict[str, Any]:
    """What is told of its capture as it stands."""
    return _event(CAPTURE_EVENTS[str(order.capture_status)], "capture", order.capture, at)


def disputed(
    order: Order, *, at: datetime, status: str = "OPEN", reason: str = "UNAUTHORISED", kind: str = "CREATED"
) -> dict[str, Any]:
    """What is told of a dispute about its capture."""
    said = {
        "dispute_id": f"PP-D-{order.id}",
        "disputed_transactions": [{"seller_transaction_id": order.capture_id, "custom": order.reference}],
        "reason": reason,
        "status": status,
        "dispute_amount": order.amount,
    }
    return _event(f"CUSTOMER.DISPUTE.{kind}", "dispute", said, at)


def stamp(at: datetime) -> str:
    """As PayPal writes instants."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _event(kind: str, about: str, said: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": f"WH-{secrets.token_hex(9).upper()}-{secrets.token_hex(9).upper()}",
        "event_version": "1.0",
        "create_time": stamp(at),
        "resource_type": about,
        "event_type": kind,
        "resource": said,
        "resource_version": "2.0",
    }


def faulty_field(body: Any) -> PayPalFault | None:
    """The first thing that PayPal would not take."""
    units = body.get("purchase_units")
    if body.get("intent") != "CAPTURE" or not isinstance(units, list) or len(units) != 1:
        return PayPalFault(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
    amount = units[0].get("amount", {})
    if amount.get("currency_code") not in CURRENCIES:
        return PayPalFault(422, "UNPROCESSABLE_ENTITY", "CURRENCY_NOT_SUPPORTED")
    if not _AMOUNT.fullmatch(str(amount.get("value"))) or float(amount["value"]) <= 0:
        return PayPalFault(422, "UNPROCESSABLE_ENTITY", "CANNOT_BE_ZERO_OR_NEGATIVE")
    return None

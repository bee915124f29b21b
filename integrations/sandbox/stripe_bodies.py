"""The objects of the Stripe-shaped server, its test cards, and what it checks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Self

from aiohttp import web

from integrations.stripe.account import API_VERSION

CURRENCIES: Final = ("kes", "inr", "usd", "eur")
AMOUNT_MIN: Final = 50
AMOUNT_MAX: Final = 99_999_999


@dataclass(frozen=True, slots=True)
class Card:
    """A test card: how an attempt by it goes. `decline` is why it fails."""

    status: str = "succeeded"
    decline: str | None = None
    is_disputed: bool = False


# By the names of Stripe's documentation on testing.
CARDS: Final[Mapping[str, Card]] = MappingProxyType(
    {
        "pm_card_visa": Card(),
        "pm_card_mastercard": Card(),
        "pm_card_authenticationRequired": Card("requires_action"),
        "pm_card_createDispute": Card(is_disputed=True),
        "pm_card_visa_chargeDeclined": Card("requires_payment_method", "generic_decline"),
        "pm_card_visa_chargeDeclinedInsufficientFunds": Card("requires_payment_method", "insufficient_funds"),
        "pm_card_chargeDeclinedExpiredCard": Card("requires_payment_method", "expired_card"),
        "pm_sandbox_processing": Card("processing"),
    }
)


@dataclass(frozen=True, slots=True)
class StripeFault:
    """An error as Stripe tells it."""

    status: int
    kind: str
    code: str | None
    message: str

    @property
    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"error": {"type": self.kind, "code": self.code, "message": self.message}}

    def response(self) -> web.Response:
        """As HTTP."""
        return web.json_response(self.body, status=self.status)


NO_KEY: Final = StripeFault(401, "invalid_request_error", None, "Invalid API Key provided")
BUSY: Final = StripeFault(429, "invalid_request_error", "rate_limit", "Too many requests")
IN_USE: Final = StripeFault(409, "idempotency_error", "idempotency_key_in_use", "Another request is in progress.")
INTERNAL: Final = StripeFault(500, "api_error", None, "An unknown error occurred")


def other_parameters() -> StripeFault:
    """The key was used for another request."""
    return StripeFault(400, "idempotency_error", None, "Keys for idempotent requests can only be used with the same")


def no_such(name: str) -> StripeFault:
    """There is none."""
    return StripeFault(404, "invalid_request_error", "resource_missing", f"No such payment_intent: '{name}'")


def not_cancellable(intent: Intent) -> StripeFault:
    """It has come too far."""
    code = "payment_intent_unexpected_state"
    return StripeFault(400, "invalid_request_error", code, f"It has a status of {intent.status}.")


@dataclass(eq=False, kw_only=True)
class Intent:
    """A payment intent."""

    id: str
    client_secret: str
    amount: int
    currency: str
    metadata: dict[str, str]
    created: int
    status: str = "requires_payment_method"
    card: Card | None = None
    decline: str | None = None
    url: str | None = None
    charge: str = field(default_factory=lambda: f"ch_{secrets.token_hex(12)}")

    @classmethod
    def of(cls, form: Mapping[str, str], *, created: datetime) -> Self:
        """A new one."""
        intent_id = f"pi_{secrets.token_hex(12)}"
        metadata = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
        return cls(
            id=intent_id,
            client_secret=f"{intent_id}_secret_{secrets.token_hex(12)}",
            amount=int(form["amount"]),
            currency=form["currency"],
            metadata=metadata,
            created=int(created.timestamp()),
        )

    @property
    def is_confirmable(self) -> bool:
        """Whether it may be confirmed, once more too."""
        return self.status in ("requires_payment_method", "requires_confirmation", "requires_action")

    def attempt(self, card: Card, *, url: str) -> None:
        """Somebody tries to pay by this card."""
        self.card, self.status, self.decline = card, card.status, card.decline
        self.url = url if card.status == "requires_action" else None

    def authenticated(self, *, succeeds: bool) -> None:
        """The payer's bank has its answer."""
        self.status = "succeeded" if succeeds else "requires_payment_method"
        self.decline, self.url = None if succeeds else "authentication_failed", None

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON."""
        is_paid = self.status == "succeeded"
        error = None
        if self.decline is not None:
            is_bank = self.decline == "authentication_failed"
            code = "payment_intent_authentication_failure" if is_bank else "card_declined"
            error = {"type": "card_error", "code": code, "decline_code": None if is_bank else self.decline}
        redirect = {"url": self.url, "return_url": None}
        return {
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_received": self.amount if is_paid else 0,
            "client_secret": self.client_secret,
            "created": self.created,
            "currency": self.currency,
            "last_payment_error": error,
            "latest_charge": self.charge if is_paid else None,
            "livemode": False,
            "metadata": self.metadata,
            "next_action": {"type": "redirect_to_url", "redirect_to_url": redirect} if self.url else None,
            "payment_method_types": ["card"],
            "status": self.status,
        }


EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "succeeded": "payment_intent.succeeded",
        "processing": "payment_intent.processing",
        "requires_action": "payment_intent.requires_action",
        "requires_payment_method": "payment_intent.payment_failed",
        "canceled": "payment_intent.canceled",
    }
)


def event_of(intent: Intent, *, at: datetime) -> dict[str, Any]:
    """What is told of an intent as it stands."""
    return _event(EVENTS[intent.status], intent.shown, at)


def dispute_of(
    intent: Intent, *, at: datetime, status: str = "needs_response", reason: str = "fraudulent", kind: str = "created"
) -> dict[str, Any]:
    """What is told of a dispute about an intent."""
    said = {
        "id": f"du_{intent.id[3:]}",
        "object": "dispute",
        "amount": intent.amount,
        "charge": intent.charge,
        "currency": intent.currency,
        "payment_intent": intent.id,
        "reason": reason,
        "status": status,
    }
    return _event(f"charge.dispute.{kind}", said, at)


def _event(kind: str, said: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(at.timestamp()),
        "data": {"object": said},
        "livemode": False,
        "pending_webhooks": 1,
        "type": kind,
    }


def faulty_field(form: Mapping[str, str]) -> StripeFault | None:
    """The first thing that Stripe would not take."""
    amount = form.get("amount", "")
    if not amount.isdigit():
        return StripeFault(400, "invalid_request_error", "parameter_invalid_integer", "Invalid integer: amount")
    if int(amount) < AMOUNT_MIN:
        return StripeFault(
            400, "invalid_request_error", "amount_too_small", "Amount must convert to at least 50 cents."
        )
    if int(amount) > AMOUNT_MAX:
        return StripeFault(400, "invalid_request_error", "amount_too_large", "Amount must be no more than 999,999.99")
    if form.get("currency") not in CURRENCIES:
        return StripeFault(400, "invalid_request_error", "parameter_invalid_empty", "Invalid currency")
    return None

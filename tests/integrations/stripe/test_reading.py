"""Bodies of Stripe's public documentation, and bodies that have not its form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from domain.clock import SystemClock
from domain.money import Asset, Money
from domain.payments.acquirer import CheckoutView, DisputeView
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.stripe.account import StripeAccount
from integrations.stripe.payment_intents import StripeCards
from integrations.stripe.reading import read_event

# As the API reference shows the object, shortened to what is not null.
INTENT: dict[str, Any] = {
    "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
    "object": "payment_intent",
    "amount": 2000,
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "automatic_payment_methods": {"enabled": True},
    "canceled_at": None,
    "capture_method": "automatic",
    "client_secret": "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
    "confirmation_method": "automatic",
    "created": 1680800504,
    "currency": "usd",
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "metadata": {"reference": "SK0123456789"},
    "next_action": None,
    "payment_method": None,
    "payment_method_types": ["card", "link"],
    "status": "requires_payment_method",
}
DISPUTE: dict[str, Any] = {
    "id": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
    "object": "dispute",
    "amount": 1000,
    "balance_transactions": [],
    "charge": "ch_1AZtxr2eZvKYlo2CJDX8whov",
    "created": 1680651737,
    "currency": "usd",
    "evidence_details": {"due_by": 1682294399, "has_evidence": False, "past_due": False, "submission_count": 0},
    "is_charge_refundable": True,
    "livemode": False,
    "metadata": {},
    "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
    "reason": "general",
    "status": "warning_needs_response",
}


def event(kind: str, said: Any, **changes: Any) -> bytes:
    return orjson.dumps(
        {
            "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
            "object": "event",
            "api_version": "2025-04-30.basil",
            "created": 1680800600,
            "data": {"object": said},
            "livemode": False,
            "pending_webhooks": 0,
            "type": kind,
        }
        | changes
    )


def view(**changes: Any) -> CheckoutView:
    read = read_event(event("payment_intent.succeeded", INTENT | changes), is_live=False)
    assert isinstance(read, CheckoutView)
    return read


@pytest.mark.parametrize(
    ("secret_key", "is_live", "is_ours"),
    [
        ("sk_live_1", True, True),
        ("rk_live_1", True, True),
        ("sk_live_1", False, False),
        ("sk_test_1", False, True),
        ("sk_test_1", True, False),
        ("sk_live_1", None, False),
        ("sk_of_a_new_kind", True, True),
    ],
)
def test_test_money_is_none_of_a_live_accounts_nor_the_other_way_round(
    secret_key: str, is_live: bool | None, is_ours: bool
) -> None:
    account = StripeAccount(url="", secret_key=secret_key, public_key="", webhook_secrets=())
    paid = event("payment_intent.succeeded", INTENT | {"status": "succeeded"}, livemode=is_live)

    told = StripeCards(account, clock=SystemClock()).read_callback(paid)

    assert isinstance(told, CheckoutView) is is_ours
    assert is_ours or told is None


def test_what_is_paid_is_what_was_received() -> None:
    paid = view(status="succeeded", amount_received=1999, latest_charge="ch_1")

    assert (paid.provider_id, paid.reference) == ("pi_3MtwBwLkdIwHu7ix28a3tqPa", "SK0123456789")
    assert (paid.state, paid.amount, paid.receipt) == (CheckoutState.PAID, Money(1999, Asset.USD), paid.provider_id)
    assert paid.told_at == datetime(2023, 4, 6, 17, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("requires_payment_method", CheckoutState.OPEN),
        ("requires_confirmation", CheckoutState.OPEN),
        ("requires_action", CheckoutState.AUTHENTICATING),
        ("processing", CheckoutState.PROCESSING),
        ("requires_capture", CheckoutState.APPROVED),
        ("canceled", CheckoutState.CLOSED),
    ],
)
def test_every_status_has_its_state(status: str, state: CheckoutState) -> None:
    read = view(status=status)

    assert (read.state, read.amount, read.receipt) == (state, Money(2000, Asset.USD), None)


def test_a_decline_and_the_banks_page_are_read() -> None:
    error = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "…"}
    page = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": "https://hooks.stripe.com/3d_secure", "return_url": ""},
    }

    assert view(last_payment_error=error).decline == "insufficient_funds"
    assert view(last_payment_error={"code": "expired_card"}).decline == "expired_card"
    assert view(next_action=page, status="requires_action").url == "https://hooks.stripe.com/3d_secure"
    assert view(next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}}, status="requires_action").url is None


def test_a_dispute_is_read() -> None:
    read = read_event(event("charge.dispute.created", DISPUTE), is_live=False)

    assert read == DisputeView(
        dispute_id="du_1MtJUT2eZvKYlo2CNaw2HvEv",
        provider_id="pi_3MtwBwLkdIwHu7ix28a3tqPa",
        amount=Money(1000, Asset.USD),
        reason="general",
        status="warning_needs_response",
        told_at=datetime(2023, 4, 6, 17, 3, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize("amount", [-1, 1.5, "2000", True, None, 10**16])
def test_an_amount_that_is_no_whole_number_is_none(amount: Any) -> None:
    assert view(amount=amount).amount is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        event("payment_intent.succeeded", None),
        event("payment_intent.succeeded", []),
        event("payment_intent.succeeded", INTENT | {"status": "new"}),
        event("payment_intent.succeeded", INTENT | {"object": "charge"}),
        event("payment_intent.succeeded", INTENT | {"id": "é"}),
        event("payment_intent.succeeded", INTENT, created="yesterday"),
        event("payment_intent.succeeded", INTENT, created=10**18),
        event("payment_intent.succeeded", INTENT, type=None),
        event("charge.dispute.created", DISPUTE | {"payment_intent": None}),
    ],
)
def test_what_has_not_the_form_agreed_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        read_event(body, is_live=False)


def test_other_events_say_nothing_of_ours() -> None:
    assert read_event(event("invoice.paid", {"object": "invoice"}), is_live=False) is None


def test_no_secret_is_shown() -> None:
    assert "secret_" not in repr(view())

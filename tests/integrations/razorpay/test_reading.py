"""Bodies of Razorpay's public documentation, and bodies that have not its form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from domain.money import Asset, Money
from domain.payments.acquirer import CheckoutView, DisputeView
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.razorpay.reading import read_event, view_of_order

AT = datetime(2025, 5, 14, 4, 32, 14, tzinfo=UTC)
# As the documentation of webhooks shows them, shortened.
PAYMENT: dict[str, Any] = {
    "id": "pay_DESlfW9H8K9uqM",
    "entity": "payment",
    "amount": 5500,
    "currency": "INR",
    "status": "captured",
    "order_id": "order_DESlLckIVRkHWj",
    "invoice_id": None,
    "international": False,
    "method": "netbanking",
    "amount_refunded": 0,
    "refund_status": None,
    "captured": True,
    "description": None,
    "card_id": None,
    "bank": "HDFC",
    "notes": [],
    "fee": 130,
    "tax": 20,
    "error_code": None,
    "error_description": None,
    "created_at": 1747197130,
}
ORDER: dict[str, Any] = {
    "id": "order_DESlLckIVRkHWj",
    "entity": "order",
    "amount": 5500,
    "amount_paid": 5500,
    "amount_due": 0,
    "currency": "INR",
    "receipt": "SK0123456789",
    "offer_id": None,
    "status": "paid",
    "attempts": 2,
    "notes": [],
    "created_at": 1747197098,
}
DISPUTE: dict[str, Any] = {
    "id": "disp_EsIAlDcoUr8CaQ",
    "entity": "dispute",
    "payment_id": "pay_DESlfW9H8K9uqM",
    "amount": 5500,
    "currency": "INR",
    "reason_code": "processing_error",
    "status": "open",
    "phase": "chargeback",
}


def event(kind: str, **entities: Any) -> bytes:
    payload = {name: {"entity": entity} for name, entity in entities.items()}
    return orjson.dumps({"entity": "event", "event": kind, "payload": payload, "created_at": 1747197134})


def test_an_order_that_was_paid() -> None:
    assert read_event(event("order.paid", payment=PAYMENT, order=ORDER)) == CheckoutView(
        provider_id="order_DESlLckIVRkHWj",
        reference="SK0123456789",
        state=CheckoutState.PAID,
        amount=Money(5_500, Asset.INR),
        told_at=AT,
        receipt="pay_DESlfW9H8K9uqM",
    )


@pytest.mark.parametrize(
    ("status", "state", "authorization"),
    [
        ("created", CheckoutState.OPEN, None),
        ("failed", CheckoutState.OPEN, None),
        ("authorized", CheckoutState.APPROVED, "pay_DESlfW9H8K9uqM"),
        ("captured", CheckoutState.PAID, None),
        ("refunded", CheckoutState.PAID, None),
    ],
)
def test_every_status_has_its_state(status: str, state: CheckoutState, authorization: str | None) -> None:
    read = read_event(event("payment.captured", payment=PAYMENT | {"status": status}))

    assert isinstance(read, CheckoutView)
    assert (read.state, read.authorization) == (state, authorization)


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], CheckoutState.OPEN),
        (["failed"], CheckoutState.OPEN),
        (["failed", "authorized"], CheckoutState.APPROVED),
        (["authorized", "captured", "failed"], CheckoutState.PAID),
        (["unheard of"], CheckoutState.OPEN),
    ],
)
def test_an_order_stands_by_the_payment_that_says_most(statuses: list[str], state: CheckoutState) -> None:
    payments = [PAYMENT | {"id": f"pay_{number}", "status": status} for number, status in enumerate(statuses)]
    view = view_of_order(ORDER | {"status": "attempted"}, payments, told_at=AT)

    assert view is not None
    assert (view.state, view.reference, view.amount) == (state, "SK0123456789", Money(5_500, Asset.INR))


def test_a_payment_of_another_order_says_nothing_of_this_one() -> None:
    assert view_of_order(ORDER, [PAYMENT | {"order_id": "order_other"}], told_at=AT) is None


def test_a_failure_has_its_reason() -> None:
    failed = PAYMENT | {"status": "failed", "error_code": "BAD_REQUEST_ERROR", "error_reason": "payment_cancelled"}
    read = read_event(event("payment.failed", payment=failed))

    assert isinstance(read, CheckoutView)
    assert read.decline == "payment_cancelled"


def test_a_dispute_is_read() -> None:
    assert read_event(event("payment.dispute.created", payment=PAYMENT, dispute=DISPUTE)) == DisputeView(
        dispute_id="disp_EsIAlDcoUr8CaQ",
        receipt="pay_DESlfW9H8K9uqM",
        amount=Money(5_500, Asset.INR),
        reason="processing_error",
        status="open",
        told_at=AT,
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        orjson.dumps({"event": "payment.captured", "payload": {}, "created_at": 1}),
        orjson.dumps({"event": "payment.captured", "payload": [], "created_at": 1}),
        orjson.dumps({"event": "payment.captured", "payload": {"payment": {"entity": PAYMENT}}}),
        event("payment.captured", payment=PAYMENT | {"order_id": None}),
        event("payment.captured", payment=PAYMENT | {"id": 7}),
        event("payment.captured", payment=PAYMENT | {"status": "new"}),
        event("payment.dispute.created", dispute=DISPUTE | {"payment_id": None}),
    ],
)
def test_what_has_not_the_form_agreed_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        read_event(body)


def test_other_events_say_nothing_of_ours() -> None:
    assert read_event(event("refund.processed", payment=PAYMENT)) is None

"""Bodies of PayPal's public documentation, and bodies that have not its form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from domain.money import Asset, Money
from domain.payments.acquirer import CheckoutView, DisputeView
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.paypal.reading import read_event, view_of_order

AT = datetime(2018, 8, 11, 22, 14, 9, tzinfo=UTC)
# As the Orders reference shows them, shortened.
ORDER: dict[str, Any] = {
    "id": "5O190127TN364715T",
    "intent": "CAPTURE",
    "status": "PAYER_ACTION_REQUIRED",
    "payment_source": {"paypal": {}},
    "purchase_units": [
        {
            "reference_id": "d9f80740-38f0-11e8-b467-0ed5f89f718b",
            "custom_id": "SK0123456789",
            "amount": {"currency_code": "USD", "value": "100.00"},
        }
    ],
    "links": [
        {"href": "https://api-m.paypal.com/v2/checkout/orders/5O190127TN364715T", "rel": "self", "method": "GET"},
        {"href": "https://www.paypal.com/checkoutnow?token=5O190127TN364715T", "rel": "payer-action", "method": "GET"},
    ],
}
CAPTURE: dict[str, Any] = {
    "id": "3C679366HH908993F",
    "status": "COMPLETED",
    "amount": {"currency_code": "USD", "value": "100.00"},
    "custom_id": "SK0123456789",
    "seller_protection": {"status": "ELIGIBLE"},
    "final_capture": True,
    "seller_receivable_breakdown": {"net_amount": {"currency_code": "USD", "value": "97.00"}},
    "create_time": "2018-04-01T21:20:49Z",
    "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}},
}
DISPUTE: dict[str, Any] = {
    "dispute_id": "PP-D-27803",
    "disputed_transactions": [{"seller_transaction_id": "3C679366HH908993F", "seller": {"merchant_id": "K"}}],
    "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
    "status": "WAITING_FOR_SELLER_RESPONSE",
    "dispute_amount": {"currency_code": "USD", "value": "5.00"},
}


def event(kind: str, said: Any, **changes: Any) -> bytes:
    body = {"id": "WH-1", "create_time": "2018-08-11T22:14:09.000Z", "event_type": kind, "resource": said}
    return orjson.dumps(body | changes)


def test_an_order_that_waits_for_its_payer() -> None:
    view = view_of_order(ORDER, told_at=AT, public_key="client")

    assert view == CheckoutView(
        provider_id="5O190127TN364715T",
        reference="SK0123456789",
        state=CheckoutState.OPEN,
        amount=Money(10_000, Asset.USD),
        told_at=AT,
        public_key="client",
        url="https://www.paypal.com/checkoutnow?token=5O190127TN364715T",
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETED", CheckoutState.PAID),
        ("REFUNDED", CheckoutState.PAID),
        ("PENDING", CheckoutState.PROCESSING),
        ("DECLINED", CheckoutState.CLOSED),
        ("FAILED", CheckoutState.CLOSED),
    ],
)
def test_of_a_completed_order_its_capture_says_whether_there_is_money(status: str, state: CheckoutState) -> None:
    unit = ORDER["purchase_units"][0] | {"payments": {"captures": [CAPTURE | {"status": status}]}}
    view = view_of_order(ORDER | {"status": "COMPLETED", "purchase_units": [unit]}, told_at=AT)

    assert view is not None
    assert (view.state, view.receipt) == (state, "3C679366HH908993F" if state is CheckoutState.PAID else None)


def test_a_completed_order_without_a_capture_says_nothing() -> None:
    assert view_of_order(ORDER | {"status": "COMPLETED"}, told_at=AT) is None


def test_a_capture_is_read() -> None:
    assert read_event(event("PAYMENT.CAPTURE.COMPLETED", CAPTURE)) == CheckoutView(
        provider_id="5O190127TN364715T",
        reference="SK0123456789",
        state=CheckoutState.PAID,
        amount=Money(10_000, Asset.USD),
        told_at=AT,
        receipt="3C679366HH908993F",
    )


def test_a_dispute_is_read() -> None:
    assert read_event(event("CUSTOMER.DISPUTE.CREATED", DISPUTE)) == DisputeView(
        dispute_id="PP-D-27803",
        receipt="3C679366HH908993F",
        amount=Money(500, Asset.USD),
        reason="MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        status="WAITING_FOR_SELLER_RESPONSE",
        told_at=AT,
    )


@pytest.mark.parametrize("value", ["1e3", "100.001", "-1.00", "１.00", "", 100, None, "9" * 20])
def test_an_amount_that_is_no_amount_is_none(value: Any) -> None:
    unit = {"amount": {"currency_code": "USD", "value": value}}
    view = view_of_order(ORDER | {"purchase_units": [unit]}, told_at=AT)

    assert view is not None
    assert view.amount is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        event("CHECKOUT.ORDER.APPROVED", None),
        event("CHECKOUT.ORDER.APPROVED", ORDER | {"status": "NEW"}),
        event("CHECKOUT.ORDER.APPROVED", ORDER | {"purchase_units": []}),
        event("CHECKOUT.ORDER.APPROVED", ORDER | {"purchase_units": {}}),
        event("CHECKOUT.ORDER.APPROVED", ORDER, create_time="now"),
        event("CHECKOUT.ORDER.APPROVED", ORDER, create_time="2018-08-11T22:14:09"),
        event("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"supplementary_data": None}),
        event("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"id": 7}),
        event("CUSTOMER.DISPUTE.CREATED", DISPUTE | {"disputed_transactions": None}),
    ],
)
def test_what_has_not_the_form_agreed_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        read_event(body)


@pytest.mark.parametrize("kind", ["PAYMENT.CAPTURE.REFUNDED", "PAYMENT.SALE.COMPLETED", "BILLING.PLAN.CREATED"])
def test_other_events_say_nothing_of_ours(kind: str) -> None:
    assert read_event(event(kind, CAPTURE)) is None

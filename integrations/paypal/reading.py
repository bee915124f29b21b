"""Orders, captures and events as PayPal writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from domain.payments.acquirer import CheckoutView, DisputeView, Told
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.answers import decimal_money, object_in, object_of, text_of, time_of

# Source: the states of orders and of captures in PayPal's reference. A COMPLETED order says nothing of money: its
# capture does.
ORDER_STATES: Final[Mapping[str, CheckoutState]] = MappingProxyType(
    {
        "CREATED": CheckoutState.OPEN,
        "SAVED": CheckoutState.OPEN,
        "PAYER_ACTION_REQUIRED": CheckoutState.OPEN,
        "APPROVED": CheckoutState.APPROVED,
        "VOIDED": CheckoutState.CLOSED,
        "COMPLETED": CheckoutState.PAID,
    }
)
# What was given back later had been paid.
CAPTURE_STATES: Final[Mapping[str, CheckoutState]] = MappingProxyType(
    {
        "COMPLETED": CheckoutState.PAID,
        "PARTIALLY_REFUNDED": CheckoutState.PAID,
        "REFUNDED": CheckoutState.PAID,
        "PENDING": CheckoutState.PROCESSING,
        "DECLINED": CheckoutState.CLOSED,
        "FAILED": CheckoutState.CLOSED,
    }
)
ORDER_EVENTS: Final = "CHECKOUT.ORDER."
CAPTURE_EVENTS: Final = frozenset(f"PAYMENT.CAPTURE.{what}" for what in ("COMPLETED", "PENDING", "DENIED", "DECLINED"))
DISPUTE_EVENTS: Final = "CUSTOMER.DISPUTE."
PAYER_LINKS: Final = ("payer-action", "approve")


def view_of_order(said: Mapping[str, Any], *, told_at: datetime, public_key: str | None = None) -> CheckoutView | None:
    """How an order stands; None where it does not have the form agreed."""
    order_id, state = text_of(said.get("id")), ORDER_STATES.get(str(said.get("status")))
    units = said.get("purchase_units")
    if order_id is None or state is None or not isinstance(units, list) or not units:
        return None
    unit = object_of(units[0])
    if state is CheckoutState.PAID:
        captures = object_of(unit.get("payments")).get("captures")
        capture = object_of(captures[0]) if isinstance(captures, list) and captures else {}
        return view_of_capture(capture, order_id=order_id, told_at=told_at)
    amount = object_of(unit.get("amount"))
    return CheckoutView(
        provider_id=order_id,
        reference=text_of(unit.get("custom_id")),
        state=state,
        amount=decimal_money(amount.get("value"), amount.get("currency_code")),
        told_at=told_at.replace(microsecond=0),
        public_key=public_key,
        url=_payers_link(said),
    )


def view_of_capture(said: Mapping[str, Any], *, order_id: str, told_at: datetime) -> CheckoutView | None:
    """How the capture of an order stands; None where it does not have the form agreed."""
    capture_id, state = text_of(said.get("id")), CAPTURE_STATES.get(str(said.get("status")))
    if capture_id is None or state is None:
        return None
    amount = object_of(said.get("amount"))
    return CheckoutView(
        provider_id=order_id,
        reference=text_of(said.get("custom_id")),
        state=state,
        amount=decimal_money(amount.get("value"), amount.get("currency_code")),
        told_at=told_at.replace(microsecond=0),
        receipt=capture_id if state is CheckoutState.PAID else None,
        decline=str(said["status"]) if state is CheckoutState.CLOSED else None,
    )


def read_event(body: bytes) -> Told:
    """What an event says of an order, a capture or a dispute.

    Raises:
        UnreadableCallback: it does not have the form agreed.
    """
    event = object_in(body)
    kind, told_at = text_of(event.get("event_type")), time_of(event.get("create_time"))
    if kind is None or told_at is None:
        raise UnreadableCallback
    said = object_of(event.get("resource"))
    if kind.startswith(DISPUTE_EVENTS):
        return _dispute_of(said, told_at)
    if kind.startswith(ORDER_EVENTS):
        view = view_of_order(said, told_at=told_at)
    elif kind in CAPTURE_EVENTS:
        related = object_of(object_of(said.get("supplementary_data")).get("related_ids"))
        order_id = text_of(related.get("order_id"))
        view = None if order_id is None else view_of_capture(said, order_id=order_id, told_at=told_at)
    else:
        return None
    if view is None:
        raise UnreadableCallback
    return view


def _dispute_of(said: Mapping[str, Any], told_at: datetime) -> DisputeView:
    transactions = said.get("disputed_transactions")
    first = object_of(transactions[0]) if isinstance(transactions, list) and transactions else {}
    dispute_id, capture_id = text_of(said.get("dispute_id")), text_of(first.get("seller_transaction_id"))
    reason, status = text_of(said.get("reason")), text_of(said.get("status"))
    if dispute_id is None or capture_id is None or reason is None or status is None:
        raise UnreadableCallback
    amount = object_of(said.get("dispute_amount"))
    return DisputeView(
        dispute_id=dispute_id,
        receipt=capture_id,
        amount=decimal_money(amount.get("value"), amount.get("currency_code")),
        reason=reason,
        status=status,
        told_at=told_at,
    )


def _payers_link(said: Mapping[str, Any]) -> str | None:
    links = said.get("links")
    named = {one.get("rel"): one.get("href") for one in map(object_of, links if isinstance(links, list) else ())}
    return next((url for rel in PAYER_LINKS if (url := text_of(named.get(rel), longest=2_000))), None)

"""Orders, payments and events as Razorpay writes them. Amounts are in paise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from domain.payments.acquirer import CheckoutView, DisputeView, Told
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.answers import instant_of, minor_of, object_in, object_of, text_of

# Source: the life-cycle of payments in Razorpay's documentation. What was given back later had been captured; after a
# failure the payer may try again.
PAYMENT_STATES: Final[Mapping[str, CheckoutState]] = MappingProxyType(
    {
        "created": CheckoutState.OPEN,
        "failed": CheckoutState.OPEN,
        "authorized": CheckoutState.APPROVED,
        "captured": CheckoutState.PAID,
        "refunded": CheckoutState.PAID,
    }
)
ORDER_STATES: Final = ("created", "attempted", "paid")
# Of several payments of one order, the one that says most.
_RANKS: Final = ("captured", "refunded", "authorized", "failed", "created")
PAYMENT_EVENTS: Final = frozenset({"payment.authorized", "payment.captured", "payment.failed", "order.paid"})
DISPUTE_EVENTS: Final = "payment.dispute."


def view_of_order(
    said: Mapping[str, Any], payments: Iterable[object], *, told_at: datetime, public_key: str | None = None
) -> CheckoutView | None:
    """How an order stands by its payments; None where it does not have the form agreed."""
    order_id = text_of(said.get("id"))
    if order_id is None or said.get("status") not in ORDER_STATES:
        return None
    reference = text_of(said.get("receipt"))
    known = [one for one in map(object_of, payments) if one.get("status") in _RANKS]
    if known:
        said_most = min(known, key=lambda one: _RANKS.index(one["status"]))
        return view_of_payment(
            said_most, order_id=order_id, reference=reference, told_at=told_at, public_key=public_key
        )
    return CheckoutView(
        provider_id=order_id,
        reference=reference,
        state=CheckoutState.OPEN,
        amount=minor_of(said.get("amount"), said.get("currency")),
        told_at=told_at.replace(microsecond=0),
        public_key=public_key,
    )


def view_of_payment(
    said: Mapping[str, Any],
    *,
    order_id: str,
    told_at: datetime,
    reference: str | None = None,
    public_key: str | None = None,
) -> CheckoutView | None:
    """How an order stands by one of its payments; None where that does not have the form agreed."""
    payment_id, state = text_of(said.get("id")), PAYMENT_STATES.get(str(said.get("status")))
    if payment_id is None or state is None or said.get("order_id") != order_id:
        return None
    return CheckoutView(
        provider_id=order_id,
        reference=reference,
        state=state,
        amount=minor_of(said.get("amount"), said.get("currency")),
        told_at=told_at.replace(microsecond=0),
        receipt=payment_id if state is CheckoutState.PAID else None,
        authorization=payment_id if state is CheckoutState.APPROVED else None,
        decline=text_of(said.get("error_reason")) or text_of(said.get("error_code")),
        public_key=public_key,
    )


def read_event(body: bytes) -> Told:
    """What an event says of a payment, an order or a dispute.

    Raises:
        UnreadableCallback: it does not have the form agreed.
    """
    event = object_in(body)
    kind, told_at = text_of(event.get("event")), instant_of(event.get("created_at"))
    if kind is None or told_at is None:
        raise UnreadableCallback
    payload = object_of(event.get("payload"))
    if kind.startswith(DISPUTE_EVENTS):
        return _dispute_of(_entity(payload, "dispute"), told_at)
    if kind not in PAYMENT_EVENTS:
        return None
    payment, order = _entity(payload, "payment"), _entity(payload, "order")
    order_id = text_of(payment.get("order_id"))
    if order_id is None:
        raise UnreadableCallback
    view = view_of_payment(payment, order_id=order_id, reference=text_of(order.get("receipt")), told_at=told_at)
    if view is None:
        raise UnreadableCallback
    return view


def _entity(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    return object_of(object_of(payload.get(name)).get("entity"))


def _dispute_of(said: Mapping[str, Any], told_at: datetime) -> DisputeView:
    dispute_id, payment_id = text_of(said.get("id")), text_of(said.get("payment_id"))
    reason, status = text_of(said.get("reason_code")), text_of(said.get("status"))
    if dispute_id is None or payment_id is None or reason is None or status is None:
        raise UnreadableCallback
    amount = minor_of(said.get("amount"), said.get("currency"))
    return DisputeView(
        dispute_id=dispute_id, receipt=payment_id, amount=amount, reason=reason, status=status, told_at=told_at
    )

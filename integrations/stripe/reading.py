"""Payment intents and events as Stripe writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from domain.payments.acquirer import CheckoutView, DisputeView, Told
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.checkout_state import CheckoutState
from integrations.answers import instant_of, minor_of, object_in, object_of, text_of

# Source: the life-cycle of PaymentIntents in Stripe's documentation. After a decline it is `requires_payment_method`
# again, with the reason in `last_payment_error`: the payer may try another card.
STATES: Final[Mapping[str, CheckoutState]] = MappingProxyType(
    {
        "requires_payment_method": CheckoutState.OPEN,
        "requires_confirmation": CheckoutState.OPEN,
        "requires_action": CheckoutState.AUTHENTICATING,
        "processing": CheckoutState.PROCESSING,
        "requires_capture": CheckoutState.APPROVED,
        "succeeded": CheckoutState.PAID,
        "canceled": CheckoutState.CLOSED,
    }
)
INTENT_EVENTS: Final = "payment_intent."
DISPUTE_EVENTS: Final = "charge.dispute."
REFERENCE: Final = "reference"


def view_of(said: Mapping[str, Any], *, told_at: datetime, public_key: str | None = None) -> CheckoutView | None:
    """How a payment intent stands; None where it does not have the form agreed."""
    intent_id, state = text_of(said.get("id")), STATES.get(str(said.get("status")))
    if said.get("object") != "payment_intent" or intent_id is None or state is None:
        return None
    is_paid = state is CheckoutState.PAID
    action = object_of(object_of(said.get("next_action")).get("redirect_to_url"))
    return CheckoutView(
        provider_id=intent_id,
        reference=text_of(object_of(said.get("metadata")).get(REFERENCE)),
        state=state,
        amount=minor_of(said.get("amount_received" if is_paid else "amount"), said.get("currency")),
        told_at=told_at.replace(microsecond=0),
        # An intent is charged successfully once at most, so its own name is the number of the money.
        receipt=intent_id if is_paid else None,
        decline=_decline_of(said),
        public_key=public_key,
        secret=text_of(said.get("client_secret")),
        url=text_of(action.get("url"), longest=2_000),
    )


def read_event(body: bytes, *, is_live: bool) -> Told:
    """What an event says of a payment or of a dispute; nothing where one is of test money and the account is not, or
    the other way round.

    Raises:
        UnreadableCallback: it does not have the form agreed.
    """
    event = object_in(body)
    kind, told_at = text_of(event.get("type")), instant_of(event.get("created"))
    if kind is None or told_at is None:
        raise UnreadableCallback
    if (event.get("livemode") is True) is not is_live:
        return None
    said = object_of(object_of(event.get("data")).get("object"))
    if kind.startswith(DISPUTE_EVENTS):
        return _dispute_of(said, told_at)
    if not kind.startswith(INTENT_EVENTS):
        return None
    view = view_of(said, told_at=told_at)
    if view is None:
        raise UnreadableCallback
    return view


def _dispute_of(said: Mapping[str, Any], told_at: datetime) -> DisputeView:
    dispute_id, intent_id = text_of(said.get("id")), text_of(said.get("payment_intent"))
    reason, status = text_of(said.get("reason")), text_of(said.get("status"))
    if dispute_id is None or intent_id is None or reason is None or status is None:
        raise UnreadableCallback
    amount = minor_of(said.get("amount"), said.get("currency"))
    return DisputeView(
        dispute_id=dispute_id, provider_id=intent_id, amount=amount, reason=reason, status=status, told_at=told_at
    )


def _decline_of(said: Mapping[str, Any]) -> str | None:
    error = object_of(said.get("last_payment_error"))
    return text_of(error.get("decline_code")) or text_of(error.get("code"))

"""Payments by acquirers as the API shows them: what the payer's app needs to confirm one, and disputes."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.ids import IdKind, PaymentId, UserId, encode_id
from domain.payments import dispute as disputes
from domain.payments.checkout import Checkout
from domain.payments.checkout_state import CheckoutState
from domain.payments.state import Rail
from schema.access import SIGNED_IN
from schema.fields import Info, query
from schema.money import Money

strawberry.enum(Rail, name="PaymentRail", description="The way that money arrives; more may come.")
strawberry.enum(CheckoutState, description="Where a payment stands at its acquirer.")


@strawberry.type
class PaymentCheckout:
    """A payment at its acquirer, where the payer confirms it."""

    key: strawberry.Private[PaymentId]
    payer_key: strawberry.Private[UserId]
    has_secret: strawberry.Private[bool]
    has_url: strawberry.Private[bool]

    state: CheckoutState
    """Where it stands there. AUTHENTICATING: the payer's bank asks who they are (3-D Secure)."""
    reference: str
    """What the payer reads of it, ours."""
    provider_reference: str | None
    """The acquirer's own name for it, once it is known."""
    public_key: str | None
    """The market's key for the acquirer's own library in an app or a browser; no secret."""
    decline: str | None
    """Why the last attempt failed, as the acquirer's own code; the payer may try another way until it expires."""

    @classmethod
    def of(cls, checkout: Checkout, *, payer_id: UserId) -> Self:
        """From a checkout of the domain."""
        is_open = not checkout.state.is_ended
        return cls(
            key=checkout.payment_id,
            payer_key=payer_id,
            has_secret=is_open and checkout.sealed_secret is not None,
            has_url=is_open and checkout.sealed_url is not None,
            state=checkout.state,
            reference=checkout.reference,
            provider_reference=checkout.provider_id,
            public_key=checkout.public_key,
            decline=checkout.decline,
        )

    @query(access=SIGNED_IN)
    async def client_secret(self, info: Info) -> str | None:
        """What confirms it in the acquirer's library. For its payer, while it is open; null for everybody else."""
        if not self.has_secret or info.context.actor.user != self.payer_key:
            return None
        secret: str | None = await info.context.loaders.checkout_secret(self.key, info.context.gateways)
        return secret

    @query(access=SIGNED_IN)
    async def next_action_url(self, info: Info) -> str | None:
        """Where its payer goes next: their bank's page, or the acquirer's. Null for everybody else."""
        if not self.has_url or info.context.actor.user != self.payer_key:
            return None
        url: str | None = await info.context.loaders.checkout_url(self.key, info.context.gateways)
        return url


@strawberry.type
class PaymentDispute:
    """A payer's bank asks for the money of a payment back. The books are finance's to mend."""

    id: strawberry.ID
    """Of the dispute."""
    payment_id: strawberry.ID
    """Which payment."""
    rail: Rail
    """The way that its money took."""
    provider_reference: str
    """The acquirer's own number of the dispute."""
    amount: Money
    """How much is asked back."""
    reason: str
    """Why, in the acquirer's words."""
    status: str
    """Where it stands, in the acquirer's words: needs_response, under_review, won, lost, and more."""
    opened_at: datetime
    """When we heard of it."""

    @classmethod
    def of(cls, dispute: disputes.Dispute) -> Self:
        """From a dispute of the domain."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.DISPUTE, dispute.id)),
            payment_id=strawberry.ID(encode_id(IdKind.PAYMENT_INTENT, dispute.payment_id)),
            rail=dispute.rail,
            provider_reference=dispute.provider_id,
            amount=Money.of(dispute.amount),
            reason=dispute.reason,
            status=dispute.status,
            opened_at=dispute.opened_at,
        )


@strawberry.input
class CheckoutConfirmInput:
    """What the acquirer's checkout told your app."""

    payment_id: strawberry.ID
    """One of your own payments."""
    provider_payment_id: str
    """The acquirer's own name for what you agreed to (`razorpay_payment_id`), at most 64 characters."""
    signature: str
    """What the acquirer signed it by (`razorpay_signature`)."""

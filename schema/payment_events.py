"""What a payer is told live about a payment."""

from __future__ import annotations

from typing import Annotated, Self

import strawberry

from domain.payments import events as domain
from domain.payments.state import PaymentState
from schema.money import Money
from schema.payments import PaymentIntent
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat


@strawberry.type
class PaymentSnapshot:
    """The payment as it stands."""

    payment: PaymentIntent
    """Yours."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class PaymentUpdated(DomainEvent):
    """The payment changed."""

    state: PaymentState
    """Where it stands from then on."""
    failure: str | None
    """Why it was refused, where it was."""
    receipt_number: str | None
    """The rail's own number of the money that paid it; of M-Pesa the checkout id."""
    version: int
    """One with a higher version is newer."""

    @classmethod
    def of(cls, event: domain.PaymentUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            state=event.state,
            failure=event.failure,
            receipt_number=event.receipt_number,
            version=event.payment_version,
        )


@strawberry.type
class PaymentCredited(DomainEvent):
    """What you paid for could not be given any more; the money is in your wallet."""

    amount: Money
    """How much."""
    receipt_number: str | None
    """The rail's own number of it; of M-Pesa the checkout id."""

    @classmethod
    def of(cls, event: domain.PaymentCredited, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(**head, amount=Money.of(event.amount), receipt_number=event.receipt_number)


@strawberry.type
class PaymentArrivedLate(DomainEvent):
    """Money came after the payment had ended; it is in your wallet."""

    amount: Money
    """How much."""
    receipt_number: str | None
    """The rail's own number of it; of M-Pesa the checkout id."""

    @classmethod
    def of(cls, event: domain.PaymentArrivedLate, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(**head, amount=Money.of(event.amount), receipt_number=event.receipt_number)


PaymentStreamItem = Annotated[
    PaymentSnapshot | PaymentUpdated | PaymentCredited | PaymentArrivedLate | StreamGap | StreamHeartbeat,
    strawberry.union("PaymentStreamItem", description="What paymentEvents tells; more kinds may come."),
]

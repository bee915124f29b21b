"""Tips as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.ids import IdKind, PaymentId, PayoutId, UserId, WorkerId, encode_id
from domain.payments.state import Rail
from domain.tips import events as domain
from domain.tips import figures
from domain.tips.tip import Tip as Given
from domain.tips.tip import TipState
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.payments import PaymentIntent
from schema.payouts import Payout
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat
from schema.workers import Worker

strawberry.enum(TipState, description="Where a tip stands; more may come.")


@strawberry.type
class Tip(Node):
    """What a customer gave a worker, or is about to give."""

    worker_key: strawberry.Private[WorkerId]
    giver_key: strawberry.Private[UserId]
    payment_key: strawberry.Private[PaymentId | None]
    worker_user_key: strawberry.Private[UserId | None] = None
    payout_key: strawberry.Private[PayoutId | None] = None

    worker: Worker = edge(key="worker_key", loader="worker")
    """Whom."""
    amount: Money
    """How much; all of it is the worker's."""
    note: str | None
    """What the customer wrote."""
    reference: str
    """Of its transfer, as both wallets name it."""
    state: TipState
    """Where it stands."""
    failure: str | None
    """Why it was not given, where it failed."""
    given_at: datetime
    """When; until it is paid, when it was promised."""
    version: int
    """Counts its changes."""

    @classmethod
    def of(cls, tip: Given) -> Self:
        """Of a tip that the caller gave or received, which was asked before."""
        return cls(
            id=strawberry.ID(tip.label),
            worker_key=tip.worker_id,
            giver_key=tip.giver_id,
            payment_key=tip.payment_id,
            worker_user_key=tip.worker_user_id,
            payout_key=tip.payout_id,
            amount=Money.of(tip.amount),
            note=tip.note,
            reference=tip.reference,
            state=tip.state,
            failure=tip.failure,
            given_at=tip.given_at,
            version=tip.version,
        )

    @query(access=SIGNED_IN)
    async def payment(self, info: Info) -> PaymentIntent | None:
        """How you pay for it, if by a rail and not from your wallet; null for everybody else."""
        if self.payment_key is None or info.context.actor.user != self.giver_key:
            return None
        payment: PaymentIntent = await info.context.loaders.payment.load(self.payment_key)
        return payment

    @query(access=SIGNED_IN)
    async def payout(self, info: Info) -> Payout | None:
        """By which it left for your phone, if you are its worker and it left by your rule; null for everybody else."""
        if self.payout_key is None or info.context.actor.user != self.worker_user_key:
            return None
        payout: Payout = await info.context.loaders.payout.load(self.payout_key)
        return payout


@strawberry.type
class TipDay:
    """A day's tips, in UTC."""

    begins_at: datetime
    """Midnight, when the day begins."""
    tips: int
    """How many."""
    total: Money
    """How much."""

    @classmethod
    def of(cls, day: figures.TipDay) -> Self:
        """From figures of the domain."""
        return cls(begins_at=day.begins_at, tips=day.tips, total=Money.of(day.total))


@strawberry.input
class TipGiveInput:
    """Whom you tip, by one of `token` and `workerId`, and how much."""

    token: str | None = None
    """What your phone read from a code, or the short code that you typed."""
    worker_id: strawberry.ID | None = None
    """A worker you found otherwise."""
    amount: MoneyInput
    """In KES from 1.00; what the code asks for, if it does."""
    note: str | None = None
    """For the worker, at most 140 characters."""
    rail: Rail | None = None
    """The way that the money takes; from your wallet, at once, when you name none."""
    phone: str | None = None
    """By M-Pesa: the Kenyan number that is asked; your own when you name none."""
    idempotency_key: str
    """Your name for this tip, 1 to 255 printable characters; sent again, it is given once."""


@strawberry.type
class TipGivePayload(Payload):
    """The tip: given from a wallet; by a rail it waits for its payment."""

    tip: Tip | None = None
    """Null when it was refused."""


@strawberry.type
class TipsSnapshot:
    """Your profile, at the beginning."""

    worker: Worker
    """You."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class TipSnapshot:
    """One tip as it stands."""

    tip: Tip
    """Given or received by you."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class TipUpdated(DomainEvent):
    """A tip of yours that is paid by a rail changed."""

    tip_id: strawberry.ID
    """Which tip."""
    state: TipState
    """Where it stands from then on."""
    failure: str | None
    """Why it was not given, where it failed."""
    version: int
    """One with a higher version is newer."""

    @classmethod
    def told(cls, event: domain.TipUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            tip_id=strawberry.ID(encode_id(IdKind.TIP, event.tip_id)),
            state=TipState(event.state),
            failure=event.failure,
            version=event.tip_version,
        )


@strawberry.type
class TipGiven(DomainEvent):
    """Somebody tipped you."""

    tip_id: strawberry.ID
    """Which tip."""
    amount: Money
    """How much."""
    note: str | None
    """What they wrote."""

    @classmethod
    def told(cls, event: domain.TipGiven, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            tip_id=strawberry.ID(encode_id(IdKind.TIP, event.tip_id)),
            amount=Money.of(event.amount),
            note=event.note,
        )


TipStreamItem = Annotated[
    TipsSnapshot | TipGiven | TipSnapshot | TipUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("TipStreamItem", description="What tipEvents tells; more kinds may come."),
]

"""Payouts as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.identity.roles import Permission
from domain.ids import IdKind, PayoutId, UserId, encode_id
from domain.payouts import events as domain
from domain.payouts.payout import Payout as Leaving
from domain.payouts.rail_pause import RailPause, Reach
from domain.payouts.state import PayoutRail, PayoutState
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat

strawberry.enum(PayoutRail, description="The way that money leaves; more may come.")
strawberry.enum(PayoutState, description="Where a payout stands.")


@strawberry.type
class Payout(Node):
    """Money of a person on its way to their own account elsewhere."""

    owner_key: strawberry.Private[UserId]
    key: strawberry.Private[PayoutId]

    owner: User = edge(key="owner_key", loader="user")
    """Whose it is."""
    amount: Money
    """How much."""
    rail: PayoutRail
    """The way it takes."""
    destination_hint: str
    """The end of where it goes to."""
    state: PayoutState
    """Where it stands."""
    needs_two_persons: bool
    """Whether two different persons approve it."""
    is_by_rule: bool
    """Whether a rule about tips asked for it."""
    has_first_approval: bool
    """Whether one of them did."""
    receipt_number: str | None
    """The rail's own number of it, once it is paid."""
    failure: str | None
    """Why it did not leave, where it did not."""
    contradicted_by: str | None
    """The number of a payment that its rail told of after the money had been given back; null when there is none, and
    once finance has settled it."""
    requested_at: datetime
    """When it was asked for."""
    version: int
    """Counts its changes."""

    @classmethod
    def of(cls, payout: Leaving) -> Self:
        """Of a payout that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(payout.label),
            owner_key=payout.owner_id,
            key=payout.id,
            amount=Money.of(payout.amount),
            rail=payout.rail,
            destination_hint=payout.destination_hint,
            state=payout.state,
            needs_two_persons=payout.needs_two_persons,
            is_by_rule=payout.is_by_rule,
            has_first_approval=payout.first_approved_by is not None,
            receipt_number=payout.receipt_number,
            failure=payout.failure,
            contradicted_by=payout.contradicted_by,
            requested_at=payout.requested_at,
            version=payout.version,
        )

    @query(access=SIGNED_IN)
    async def destination(self, info: Info) -> str | None:
        """Where it goes to, for its owner and for those who make the transfer; null for everybody else."""
        actor = info.context.actor
        if actor.user != self.owner_key and not actor.may(Permission.PAYOUT_REVIEW):
            return None
        where: str = await info.context.loaders.payout_destination(self.key, info.context.gateways)
        return where


@strawberry.input
class PayoutRequestInput:
    """How much leaves, by which rail, and where to."""

    amount: MoneyInput
    """Above zero; your wallet in this asset."""
    rail: PayoutRail
    """The way it takes."""
    destination: str | None = None
    """Your own account elsewhere, 4 to 200 characters, kept sealed. Of a bank: its BIC, the account's number or IBAN,
    and its holder, as in `EQBLKENA 0100765432 Amina Otieno`. By MPESA it is your own phone, by which you sign in, and
    may be left out."""
    idempotency_key: str
    """Your name for this payout, 1 to 255 printable characters; sent again, it is asked for once."""


@strawberry.type
class PayoutRequestPayload(Payload):
    """The payout, whose money is set aside."""

    payout: Payout | None = None
    """Null when it was refused."""


@strawberry.type
class PayoutRailPause:
    """A rail that is left alone: nothing is sent by it, approved payouts wait."""

    rail: PayoutRail
    """Which."""
    why: str
    """The rail's own word."""
    is_asked: bool
    """Whether it is still asked about payouts that are under way."""
    paused_at: datetime
    """Since when."""
    ends_at: datetime | None
    """When it ends by itself; null when somebody has to mend something and resume it."""

    @classmethod
    def of(cls, pause: RailPause) -> Self:
        """As it is kept."""
        return cls(
            rail=pause.rail,
            why=pause.why,
            is_asked=pause.reach is Reach.SENDING,
            paused_at=pause.paused_at,
            ends_at=pause.ends_at,
        )


@strawberry.input
class PayoutRailResumeInput:
    """Which rail pays again."""

    rail: PayoutRail
    """One that is paused."""
    reason: str
    """What was mended, for the audit trail, 3 to 500 characters."""


@strawberry.type
class PayoutRailResumePayload(Payload):
    """The rail is no longer paused."""

    rail: PayoutRail | None = None
    """Null when it was refused."""


@strawberry.input
class PayoutApproveInput:
    """Which payout may leave."""

    payout_id: strawberry.ID
    """Somebody else's, as you read it."""
    idempotency_key: str
    """Your name for this decision, 1 to 255 printable characters."""


@strawberry.type
class PayoutApprovePayload(Payload):
    """The payout; a large one waits for a second person."""

    payout: Payout | None = None
    """Null when it was refused."""


@strawberry.input
class PayoutRejectInput:
    """Which payout stays here."""

    payout_id: strawberry.ID
    """Somebody else's."""
    reason: str
    """For its owner and the audit trail, 3 to 500 characters."""


@strawberry.type
class PayoutRejectPayload(Payload):
    """The payout, whose money is available again."""

    payout: Payout | None = None
    """Null when it was refused."""


@strawberry.input
class PayoutSettleInput:
    """What finance saw become of a payout that is under way: one of `receiptNumber` and `failure`."""

    payout_id: strawberry.ID
    """Somebody else's, SENDING or UNKNOWN, or with a `contradictedBy`."""
    receipt_number: str | None = None
    """It left: the bank's own number of it."""
    failure: str | None = None
    """It did not leave and will not: why."""
    reason: str
    """What says so, for the audit trail, 3 to 500 characters."""
    idempotency_key: str
    """Your name for this statement, 1 to 255 printable characters."""


@strawberry.type
class PayoutSettlePayload(Payload):
    """The payout as it ended."""

    payout: Payout | None = None
    """Null when it was refused."""


@strawberry.type
class PayoutSnapshot:
    """The payout as it stands."""

    payout: Payout
    """Yours."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class PayoutUpdated(DomainEvent):
    """The payout changed."""

    payout_id: strawberry.ID
    """Which."""
    state: PayoutState
    """Where it stands from then on."""
    failure: str | None
    """Why it did not leave, where it did not."""
    receipt_number: str | None
    """The rail's own number of it, once it is paid."""
    version: int
    """One with a higher version is newer."""

    @classmethod
    def told(cls, event: domain.PayoutUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            payout_id=strawberry.ID(encode_id(IdKind.PAYOUT, event.payout_id)),
            state=event.state,
            failure=event.failure,
            receipt_number=event.receipt_number,
            version=event.payout_version,
        )


PayoutStreamItem = Annotated[
    PayoutSnapshot | PayoutUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("PayoutStreamItem", description="What payoutEvents tells; more kinds may come."),
]

"""What the owner of a wallet is told live."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.ids import IdKind, encode_id
from domain.ledger import events as domain
from domain.ledger.codes import TransactionType
from domain.ledger.hold_state import HoldState
from domain.ledger.statement import TransactionStatus
from domain.wallets.wallet import WalletBalance
from schema.money import Money
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat
from schema.wallets import Wallet

strawberry.enum(HoldState, description="What became of money that was set aside.")


@strawberry.type
class WalletSnapshot:
    """The wallet as it stands."""

    wallet: Wallet
    """Yours."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class WalletTransaction:
    """The transaction behind a changed balance."""

    id: strawberry.ID
    """The transaction's, as in `wallet.transactions`."""
    type: TransactionType
    """What it is to you."""
    status: TransactionStatus
    """Whether the money has moved."""
    amount: Money
    """How much, without a sign."""
    reference: str
    """Its natural key, the same on both sides."""


@strawberry.type
class WalletUpdated(DomainEvent):
    """Money arrived or left."""

    user_id: strawberry.ID
    """The owner."""
    balance: Money
    """What is booked from then on."""
    available: Money
    """What may be spent of it: the balance less what is held."""
    txn: WalletTransaction
    """What changed it."""
    wallet: Wallet
    """As it stood then; one with a higher version is newer."""

    @classmethod
    def of(cls, event: domain.BalanceChanged, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            user_id=strawberry.ID(encode_id(IdKind.USER, event.user_id)),
            balance=Money.of(event.balance),
            available=Money.of(event.available),
            wallet=wallet_of(event),
            txn=WalletTransaction(
                id=strawberry.ID(encode_id(IdKind.TRANSACTION, event.txn.id)),
                type=event.txn.type,
                status=event.txn.status,
                amount=Money.of(event.txn.amount),
                reference=event.txn.reference,
            ),
        )


@strawberry.type
class HoldChanged(DomainEvent):
    """Money was set aside, or what was set aside was taken or given back."""

    user_id: strawberry.ID
    """The owner."""
    hold_id: strawberry.ID
    """Which hold."""
    state: HoldState
    """What became of it."""
    amount: Money
    """How much was set aside."""
    reference: str
    """Its natural key."""
    expires_at: datetime
    """When it is given back unless it is taken before."""
    balance: Money
    """What is booked; a hold does not change it."""
    available: Money
    """What may be spent from then on."""
    wallet: Wallet
    """As it stood then; one with a higher version is newer."""

    @classmethod
    def of(cls, event: domain.HoldChanged, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            user_id=strawberry.ID(encode_id(IdKind.USER, event.user_id)),
            hold_id=strawberry.ID(encode_id(IdKind.HOLD, event.hold_id)),
            state=event.state,
            amount=Money.of(event.amount),
            reference=event.reference,
            expires_at=event.expires_at,
            balance=Money.of(event.balance),
            available=Money.of(event.available),
            wallet=wallet_of(event),
        )


def wallet_of(event: domain.WalletEvent) -> Wallet:
    """The wallet as the event found it."""
    return Wallet.of(
        WalletBalance(
            id=event.wallet_id,
            owner_id=event.user_id,
            asset=event.balance.asset,
            balance=event.balance,
            held=event.held,
            version=event.wallet_version,
        )
    )


WalletStreamItem = Annotated[
    WalletSnapshot | WalletUpdated | HoldChanged | StreamGap | StreamHeartbeat,
    strawberry.union("WalletStreamItem", description="What walletEvents tells; more kinds may come."),
]

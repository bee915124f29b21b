"""Wallets as their owners see them, and how money is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.ids import IdKind, UserId, WalletId, encode_id
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.statement import StatementLine, TransactionStatus
from domain.money import Asset
from domain.money import Money as Amount
from domain.wallets.booking import Booking
from domain.wallets.wallet import WalletBalance
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.pages import Connection, scope_of

strawberry.enum(TransactionType, description="What a transaction is to the wallet's owner.")
strawberry.enum(TransactionStatus, description="Whether the money has moved, may still move, or will not.")
strawberry.enum(TransferCode, description="Why money moved.")


@strawberry.type
class Transaction(Node):
    """A line of a wallet: money that came or went, or that is set aside."""

    type: TransactionType
    """What it is to you."""
    status: TransactionStatus
    """Whether the money has moved."""
    code: TransferCode
    """Why."""
    amount: Money
    """How much, without a sign; the type says which way."""
    running_balance: Money
    """The wallet's balance behind it."""
    reference: str
    """Its natural key, the same on both sides."""
    note: str | None
    """What the sender wrote."""
    created_at: datetime
    """When it was booked or set aside."""

    @classmethod
    def of(cls, line: StatementLine, *, wallet_id: WalletId) -> Self:
        """From a line of the wallet's statement."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.TRANSACTION, line.transaction_id(wallet_id))),
            type=line.type,
            status=line.status,
            code=line.code,
            amount=Money.of(Amount(abs(line.change.minor), line.change.asset)),
            running_balance=Money.of(line.balance),
            reference=line.reference,
            note=line.note,
            created_at=line.at,
        )


@strawberry.type
class Wallet(Node):
    """A person's view of one account of the ledger."""

    wallet_key: strawberry.Private[WalletId]
    owner_key: strawberry.Private[UserId]

    owner: User = edge(key="owner_key", loader="user")
    """Whose it is."""
    asset: Asset
    """What it holds."""
    balance: Money
    """What was booked."""
    held: Money
    """What is set aside of it."""
    available: Money
    """What may be spent: the balance less what is held."""
    version: int
    """Grows with every change; an event with a lower one is older than this."""

    @classmethod
    def of(cls, wallet: WalletBalance) -> Self:
        """From a wallet of the domain; whether the caller may see it was asked before."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.WALLET, wallet.id)),
            wallet_key=wallet.id,
            owner_key=wallet.owner_id,
            asset=wallet.asset,
            balance=Money.of(wallet.balance),
            held=Money.of(wallet.held),
            available=Money.of(wallet.available),
            version=wallet.version,
        )

    @query(access=SIGNED_IN)
    async def transactions(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Transaction]:
        """Its lines, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        cursors, scope = info.context.cursors, scope_of("wallet.transactions", self.wallet_key)
        request = cursors.request(scope, first=first, after=after)
        lines = await info.context.loaders.statement(self.owner_key, self.asset, request)
        page = lines.map(lambda line: Transaction.of(line, wallet_id=self.wallet_key))
        return Connection.of(page, cursors=cursors, scope=scope, request=request)


@strawberry.type
class Transfer(Node):
    """Money that was booked, all of it or nothing."""

    wallet_key: strawberry.Private[WalletId]

    reference: str
    """Its natural key: booked once, however often it is sent."""
    code: TransferCode
    """Why."""
    amount: Money
    """How much."""
    note: str | None
    """What the sender wrote."""
    created_at: datetime
    """When it was booked."""
    wallet: Wallet = edge(key="wallet_key", loader="wallet")
    """The wallet that the command was about, as it stands now."""

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """From what a command booked."""
        (move,) = booking.transfer.moves
        return cls(
            id=strawberry.ID(encode_id(IdKind.TRANSFER, booking.posting.transfer_id)),
            wallet_key=booking.wallet.id,
            reference=booking.transfer.reference,
            code=booking.transfer.code,
            amount=Money.of(move.amount),
            note=booking.posting.note,
            created_at=booking.posting.at,
        )


@strawberry.input
class TransferCreateInput:
    """Who sends, to whom, how much."""

    from_wallet_id: strawberry.ID
    """One of your own wallets."""
    recipient_id: strawberry.ID
    """A person (usr_…), or a wallet of the same asset (wal_…)."""
    amount: MoneyInput
    """Above zero, in the wallet's asset."""
    note: str | None = None
    """For the recipient, at most 140 characters."""
    idempotency_key: str
    """Your name for this transfer, 1 to 255 printable characters; sent again, it pays once and answers the same."""


@strawberry.type
class TransferCreatePayload(Payload):
    """The money was sent."""

    transfer: Transfer | None = None
    """As it was booked."""


@strawberry.input
class AdjustmentCreateInput:
    """Which wallet is corrected, by how much, and why."""

    wallet_id: strawberry.ID
    """Anybody's but your own."""
    amount: MoneyInput
    """What is added; below zero it is taken away."""
    reason: str
    """Kept in the audit trail, 3 to 500 characters."""
    idempotency_key: str
    """Your name for this adjustment, 1 to 255 printable characters."""


@strawberry.type
class AdjustmentCreatePayload(Payload):
    """The wallet was corrected."""

    transfer: Transfer | None = None
    """As it was booked; the amount without a sign."""

"""Wallets as their owners see them, and how money is sent."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final, Self
from uuid import UUID

import strawberry

from domain.ids import IdKind, WalletId, encode_id, encoder_of
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.statement import StatementLine, TransactionStatus, transaction_id_of
from domain.money import Asset
from domain.page import Page
from domain.wallets.booking import Booking
from domain.wallets.shown import ShownWallet
from execution.declared import Applied
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.pages import Connection, scope_of
from schema.shown import shown

_REMEMBERED_MAX: Final = 8_192
_wallet_id: Final = encoder_of(IdKind.WALLET)

strawberry.enum(TransactionType, description="What a transaction is to the wallet's owner.")
strawberry.enum(TransactionStatus, description="Whether the money has moved, may still move, or will not.")
strawberry.enum(TransferCode, description="Why money moved.")


@lru_cache(maxsize=_REMEMBERED_MAX)
def _transaction_id(wallet_id: WalletId, source_id: UUID) -> str:
    return encode_id(IdKind.TRANSACTION, transaction_id_of(wallet_id, source_id))


@strawberry.type
class Transaction(Node):
    """A line of a wallet: money that came or went, or that is set aside."""

    entity: strawberry.Private[StatementLine]
    wallet_key: strawberry.Private[WalletId]
    asset: strawberry.Private[Asset]

    id: strawberry.ID = shown(_transaction_id, "wallet_key", "entity.source_id")
    type: TransactionType = shown("entity.type")
    """What it is to you."""
    status: TransactionStatus = shown("entity.status")
    """Whether the money has moved."""
    code: TransferCode = shown("entity.code")
    """Why."""
    amount: Money = shown(Money, units=Applied(abs, "entity.change_minor"), asset="asset")
    """How much, without a sign; the type says which way."""
    running_balance: Money = shown(Money, units="entity.balance_minor", asset="asset")
    """The wallet's balance behind it."""
    reference: str = shown("entity.reference")
    """Its natural key, the same on both sides."""
    note: str | None = shown("entity.note")
    """What the sender wrote."""
    created_at: datetime = shown("entity.at")
    """When it was booked or set aside."""


@strawberry.type
class Wallet(Node):
    """A person's view of one account of the ledger."""

    entity: strawberry.Private[ShownWallet]

    id: strawberry.ID = shown(_wallet_id, "entity.id")
    owner: User = edge(key="entity.owner_id", loader="user", is_often_known=True)
    """Whose it is."""
    asset: Asset = shown("entity.asset")
    """What it holds."""
    balance: Money = shown(Money, units="entity.balance.minor", asset="entity.asset")
    """What was booked."""
    held: Money = shown(Money, units="entity.held.minor", asset="entity.asset")
    """What is set aside of it."""
    available: Money = shown(Money, units="entity.available.minor", asset="entity.asset")
    """What may be spent: the balance less what is held."""
    version: int = shown("entity.version")
    """Grows with every change; an event with a lower one is older than this."""

    @classmethod
    def of(cls, wallet: ShownWallet) -> Self:
        """Of a wallet that the caller may see, which was asked before."""
        return cls(entity=wallet)

    @query(access=SIGNED_IN)
    async def transactions(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Transaction]:
        """Its lines, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        wallet = self.entity
        cursors, scope = info.context.cursors, scope_of("wallet.transactions", wallet.id)
        request = cursors.request(scope, first=first, after=after)
        lines: Page[StatementLine] = await info.context.loaders.statement(wallet.owner_id, wallet.asset, request)
        wallet_id, asset = wallet.id, wallet.asset
        page = lines.map(lambda line: Transaction(entity=line, wallet_key=wallet_id, asset=asset))
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

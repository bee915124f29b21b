"""What the owner of a wallet is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from domain.events import Event
from domain.ids import HoldId, IdKind, TransactionId, UserId, WalletId, encoder_of
from domain.ledger.codes import TransactionType
from domain.ledger.hold_state import HoldState
from domain.ledger.statement import TransactionStatus
from domain.money import Money

_wallet_id: Final = encoder_of(IdKind.WALLET)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFact:
    """The transaction behind a changed balance; the amount is what moved, without a sign."""

    id: TransactionId
    type: TransactionType
    status: TransactionStatus
    amount: Money
    reference: str


@dataclass(frozen=True, kw_only=True)
class WalletEvent(Event):
    """Something about one wallet, with how it stands now. `wallet_version` grows with every change of the wallet."""

    user_id: UserId
    wallet_id: WalletId
    balance: Money
    held: Money
    available: Money
    wallet_version: int

    @property
    def subject(self) -> str:
        """The wallet."""
        return _wallet_id(self.wallet_id)


@dataclass(frozen=True, kw_only=True)
class BalanceChanged(WalletEvent):
    """Money arrived or left."""

    name: ClassVar[str] = "wallet.update"

    txn: TransactionFact


@dataclass(frozen=True, kw_only=True)
class HoldChanged(WalletEvent):
    """Money was set aside, or what was set aside was taken or given back."""

    name: ClassVar[str] = "wallet.hold"

    hold_id: HoldId
    state: HoldState
    amount: Money
    reference: str
    expires_at: datetime

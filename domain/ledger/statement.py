"""What an account's owner and the book-keeper read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID, uuid5

from domain.ids import TransactionId, WalletId
from domain.instants import StoredInstant
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.hold_state import HoldState
from domain.money import Asset, Money


class TransactionStatus(Enum):
    """Whether the money has moved, may still move, or will not."""

    PENDING = "PENDING"
    """Set aside; it may still move."""
    COMPLETED = "COMPLETED"
    """It moved."""
    FAILED = "FAILED"
    """Set aside and given back."""


class StatementLine(Protocol):
    """One line of an account: a transfer that changed it, or money that is or was set aside."""

    @property
    def source_id(self) -> UUID:
        """The transfer or the hold."""
        ...

    @property
    def code(self) -> TransferCode:
        """Why."""
        ...

    @property
    def type(self) -> TransactionType:
        """What it is to the owner."""
        ...

    @property
    def status(self) -> TransactionStatus:
        """Whether the money has moved."""
        ...

    @property
    def asset(self) -> Asset:
        """What the account holds."""
        ...

    @property
    def change_minor(self) -> int:
        """By how much it changed; below zero it went."""
        ...

    @property
    def balance_minor(self) -> int:
        """The balance behind it."""
        ...

    @property
    def reference(self) -> str:
        """Its natural key."""
        ...

    @property
    def note(self) -> str | None:
        """What the sender wrote."""
        ...

    @property
    def at(self) -> datetime | StoredInstant:
        """When it was booked or set aside."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceLine:
    """All accounts of one purpose in one asset: how many, what they add up to, what is held on them."""

    account: str
    asset: Asset
    accounts: int
    balance: Money
    held: Money


def transaction_id_of(wallet_id: WalletId, source_id: UUID) -> TransactionId:
    """A transaction is a transfer (or a hold) as one wallet sees it, so the two name it."""
    return TransactionId(uuid5(wallet_id, str(source_id)))


def status_of_hold(state: HoldState) -> TransactionStatus:
    """How a hold reads on a statement; a captured one reads as the transfer that took it."""
    match state:
        case HoldState.HELD:
            return TransactionStatus.PENDING
        case HoldState.CAPTURED:
            return TransactionStatus.COMPLETED
        case HoldState.RELEASED | HoldState.EXPIRED:
            return TransactionStatus.FAILED

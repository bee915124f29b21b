"""What the ledger asks of its storage: balances change here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import HoldId, TransferId
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.hold_state import HoldState
from domain.ledger.transfer import Transfer
from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account that is kept under lock, as it stands after a change. `version` grows with every change."""

    account: AccountRef
    posted: Money
    held: Money
    version: int

    @property
    def available(self) -> Money:
        """What may leave: posted less held."""
        return self.posted - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What posting did, and how the accounts that are kept under lock stand now.

    A transfer that was posted before is found again: not new, as it was booked then, and no balance has changed.
    """

    transfer_id: TransferId
    is_new: bool
    at: datetime
    note: str | None
    balances: tuple[Balance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An amount of one account to set aside under a natural reference, for what the code says, until it expires."""

    reference: str
    account: AccountRef
    amount: Money
    code: TransferCode
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOutcome:
    """Where a hold stands after a command, and its account. `is_new` tells whether this command brought it there."""

    hold_id: HoldId
    hold: Hold
    state: HoldState
    is_new: bool
    balance: Balance


class Ledger(Protocol):
    """Accounts, transfers and holds. Each command is one round trip, locks accounts in the order of their paths
    until the transaction ends, and does nothing when it was carried out before under the same reference."""

    async def open(self, accounts: Collection[AccountRef], *, at: datetime) -> None:
        """Make accounts exist with nothing on them; those that exist stay as they are."""
        ...

    async def post(self, transfer: Transfer, *, transfer_id: TransferId, at: datetime) -> Posting:
        """Book every move, or nothing.

        Raises:
            InsufficientFunds: a floored account would fall below what is held on it.
            BalanceTooLarge: an account would exceed 64 bits.
            ReferenceReused: other moves, or another code, were posted under this reference.
        """
        ...

    async def hold(self, hold: Hold, *, hold_id: HoldId, at: datetime) -> HoldOutcome:
        """Set an amount aside.

        Raises:
            InsufficientFunds: less is available.
            ReferenceReused: another amount, account or code is held under this reference.
        """
        ...

    async def capture(
        self, reference: str, transfer: Transfer, *, transfer_id: TransferId, at: datetime
    ) -> tuple[Posting, HoldOutcome]:
        """End the hold and book the transfer that takes it; what the transfer leaves is available again.

        Raises:
            HoldNotFound: nothing is held under this reference.
            HoldAlreadySettled: it was settled otherwise.
            CaptureExceedsHold: the transfer takes nothing from the held account, or more than was held.
            InsufficientFunds, BalanceTooLarge, ReferenceReused: as for `post`.
        """
        ...

    async def release(self, reference: str, *, at: datetime) -> HoldOutcome:
        """End the hold; the amount is available again.

        Raises:
            HoldNotFound: nothing is held under this reference.
            HoldAlreadySettled: it was settled otherwise.
        """
        ...

    async def expire_due(self, *, at: datetime, limit: int) -> list[HoldOutcome]:
        """End holds whose time is over, the longest overdue first; those that another command holds are left out."""
        ...

    async def fold_hot_accounts(self, *, longer_than: int, accounts: int, entries: int) -> int:
        """Fold the entries since the snapshot into it, where more than `longer_than` wait: at most so many accounts,
        and so many entries of each. Answers how many entries were folded."""
        ...

"""A bank file: approved payouts as the market's bank reads them, made once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import BankFileId, IdKind, PayoutId, UserId, encode_id
from domain.money import Money
from domain.payouts.bank_account import BankAccount
from domain.payouts.payout import Payout


class BankFileFormat(StrEnum):
    """How a bank file is written; more may come."""

    PAIN_001 = "PAIN_001"
    """ISO 20022 pain.001.001.03, a customer's credit transfers."""
    CSV = "CSV"
    """A line for each payout under the names of its columns, in UTF-8."""

    @property
    def content_type(self) -> str:
        """Its media type."""
        return "application/xml" if self is BankFileFormat.PAIN_001 else "text/csv"


class BankFileState(StrEnum):
    """Where a file is."""

    WAITING = "WAITING"
    """Made, and about to be stored."""
    STORED = "STORED"
    """Its link reads it."""
    DEAD = "DEAD"
    """The storage did not take it for days; what it says is kept, and somebody has to look."""


@dataclass(eq=False, kw_only=True)
class BankFile:
    """Payouts of one asset that leave together. What it says is kept sealed until it is stored; its digest stays."""

    id: BankFileId
    format: BankFileFormat
    total: Money
    payments_count: int
    sha256: str
    size_bytes: int
    sealed_content: bytes | None
    made_by: UserId
    made_at: datetime
    state: BankFileState = BankFileState.WAITING
    attempts: int = 0
    next_attempt_at: datetime
    claimed_until: datetime | None = None

    @property
    def label(self) -> str:
        """Its public id, by which the bank knows it as well."""
        return encode_id(IdKind.BANK_FILE, self.id)

    @property
    def key(self) -> str:
        """Its place in the storage."""
        return key_of(self.id)


def key_of(file_id: BankFileId) -> str:
    """Where a bank file lies: a place of its own, so that nothing is ever written over it but itself."""
    return f"bank-files/{encode_id(IdKind.BANK_FILE, file_id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedBankFile:
    """A file that is ours to store until the lease ends. `attempt` counts this one and names the claim."""

    id: BankFileId
    attempt: int
    format: BankFileFormat
    sealed_content: bytes


@dataclass(frozen=True, slots=True)
class BankPayment:
    """One transfer that the bank is asked for, under a name of ours that it repeats on its statement."""

    name: str
    amount: Money
    to: BankAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class BankOrder:
    """What a bank file says: from which account, on which day, and to whom how much."""

    file_id: BankFileId
    debtor: BankAccount
    made_at: datetime
    execute_on: date
    total: Money
    payments: tuple[BankPayment, ...]

    @property
    def name(self) -> str:
        """Under which the bank knows the file: 30 signs, where ISO 20022 has room for 35."""
        return encode_id(IdKind.BANK_FILE, self.file_id)


class BankFileWriter(Protocol):
    """Writes files that banks read. Computes, and asks nobody."""

    def write(self, order: BankOrder, *, format: BankFileFormat) -> str:
        """The whole file; the same order is written to the same letter."""
        ...


class BankFiles(Protocol):
    """Bank files and the payouts in them."""

    async def add(self, file: BankFile, payouts: list[Payout]) -> None:
        """Keep a new file with its payouts in their order; no payout is ever in a second one."""
        ...

    async def maker_of(self, payout_id: PayoutId) -> UserId | None:
        """Who made the file that the payout is in, if it is in one."""
        ...

    async def claim_waiting(self, *, limit: int, lease_seconds: int) -> list[ClaimedBankFile]:
        """Files to be stored, the longest waiting first; nobody else is given them until the lease ends."""
        ...

    async def note_stored(self, file: ClaimedBankFile) -> None:
        """It lies in the storage: what it said is forgotten here."""
        ...

    async def note_failed(self, file: ClaimedBankFile) -> None:
        """The storage did not take it: later again."""
        ...

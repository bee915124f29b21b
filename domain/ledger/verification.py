"""What must be true of the books, and what is said where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Invariant(Enum):
    """A sentence that holds after every transaction."""

    BALANCE_IS_ITS_ENTRIES = "a balance is the sum of its entries"
    HELD_IS_ITS_HOLDS = "what is held is the sum of the holds"
    FLOOR_HOLDS = "a floored account has at least what is held on it"
    TRANSFER_SUMS_TO_ZERO = "a transfer sums to zero in every asset"
    ENTRY_HAS_ITS_TRANSFER = "an entry belongs to a transfer and to an account"
    TRANSFER_HAS_ENTRIES = "a transfer has entries"
    RUNNING_BALANCE_RUNS = "a running balance is the one before it and the entry"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an invariant does not hold: what the subject should say by its entries and holds, and what it says."""

    invariant: Invariant
    subject: str
    expected: int
    actual: int

    def __str__(self) -> str:
        return f"{self.subject}: {self.invariant.value}; expected {self.expected}, found {self.actual}"


@dataclass(frozen=True, slots=True)
class Verification:
    """How much was looked at, and every difference up to a limit."""

    accounts: int
    transfers: int
    entries: int
    holds: int
    differences: tuple[Difference, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything agrees."""
        return not self.differences

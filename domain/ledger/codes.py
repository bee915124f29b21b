"""Why money moves: every way there is, from where to where it may go, and what its owner reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from domain.money import Money


class TransactionType(Enum):
    """What a movement is to the owner of a wallet."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code stands for. `routes` are patterns of accounts, source and destination; none allows all."""

    meaning: str
    routes: frozenset[tuple[str, str]]
    credit: TransactionType = TransactionType.CREDIT
    debit: TransactionType = TransactionType.DEBIT


class TransferCode(Enum):
    """The reason of a transfer; it binds the accounts that may take part."""

    PERSON_TO_PERSON = Rule(
        "One person sends money to another.",
        frozenset({("user:*:wallet", "user:*:wallet")}),
    )
    ADJUSTMENT = Rule(
        "Finance corrects a wallet by hand and says why.",
        frozenset({("platform:adjustments", "user:*:wallet"), ("user:*:wallet", "platform:adjustments")}),
    )
    REVERSAL = Rule(
        "A transfer is taken back, move by move.",
        frozenset(),
        credit=TransactionType.REFUND,
    )

    def allows(self, source: str, destination: str) -> bool:
        """Whether money may go this way for this reason."""
        return not self.value.routes or (source, destination) in self.value.routes

    def seen_as(self, change: Money) -> TransactionType:
        """What the owner of an account that it changes by so much reads."""
        return self.value.credit if change.is_positive else self.value.debit

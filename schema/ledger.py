"""The books as finance reads them."""

from __future__ import annotations

from typing import Self

import strawberry

from domain.ledger import statement
from domain.money import Asset
from schema.money import Money


@strawberry.type
class TrialBalanceLine:
    """All accounts of one purpose in one asset."""

    account: str
    """What they are for; an owner is written as *."""
    asset: Asset
    """What they hold."""
    accounts: int
    """How many there are."""
    balance: Money
    """What they add up to."""
    held: Money
    """What is set aside of it."""

    @classmethod
    def of(cls, line: statement.TrialBalanceLine) -> Self:
        """From a line of the domain."""
        return cls(
            account=line.account,
            asset=line.asset,
            accounts=line.accounts,
            balance=Money.of(line.balance),
            held=Money.of(line.held),
        )


@strawberry.type
class TrialBalance:
    """Every unit of every asset: what somebody has, somebody else gave."""

    lines: list[TrialBalanceLine]
    """By asset and purpose; at most 500."""
    is_balanced: bool
    """Whether the lines of every asset sum to zero."""

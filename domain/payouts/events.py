"""What happens to payouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, PayoutId, UserId, encode_id
from domain.money import Money
from domain.payouts.state import PayoutRail, PayoutState


@dataclass(frozen=True, kw_only=True)
class PayoutUpdated(Event):
    """The payout as it is from then on; where it goes to is not told."""

    name: ClassVar[str] = "payout.updated"

    payout_id: PayoutId
    owner_id: UserId
    amount: Money
    rail: PayoutRail
    state: PayoutState
    failure: str | None
    receipt_number: str | None
    contradicted_by: str | None = None
    payout_version: int

    @property
    def subject(self) -> str:
        """The payout."""
        return encode_id(IdKind.PAYOUT, self.payout_id)

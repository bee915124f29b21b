"""What rules of workers ask of their storage."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from domain.ids import PayoutId, TipId, WorkerId
from domain.money import Money
from domain.tip_payouts.rule import TipPayoutRule


class TipPayoutRules(Protocol):
    """Rules, loaded for change."""

    async def find_for_update(self, worker_id: WorkerId) -> TipPayoutRule | None:
        """The worker's rule, locked. Whoever else looks for it waits until this command ends."""
        ...

    async def add(self, rule: TipPayoutRule) -> None:
        """Keep a new rule."""
        ...

    async def remove(self, rule: TipPayoutRule) -> None:
        """Forget it."""
        ...

    async def claim_due(self) -> TipPayoutRule | None:
        """A rule by which something may leave now, the longest waiting first, locked. What another command holds is
        left out, and so are those of people who are shut out.
        """
        ...

    async def collected(self, worker_id: WorkerId, *, since: datetime, limit: int) -> dict[TipId, Money]:
        """Tips of the worker that were paid since then and did not leave yet, the earliest first, locked."""
        ...

    async def pay_out(self, tips_left: Collection[TipId], *, by: PayoutId) -> None:
        """These leave in this payout and in no other."""
        ...

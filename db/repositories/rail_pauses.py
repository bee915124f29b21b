"""Rails that are left alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.advisory_lock import take_turn
from db.tables.payouts import payout_rail_pauses
from db.transaction import Transaction
from domain.payouts.rail_pause import RailPause
from domain.payouts.state import PayoutRail


class SqlRailPauses:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def standing(self, rail: PayoutRail) -> RailPause | None:
        columns = payout_rail_pauses.c
        is_standing = or_(columns.ends_at.is_(None), columns.ends_at > self._now)
        found = await self._transaction.session.execute(
            select(payout_rail_pauses).where(columns.rail == rail, is_standing)
        )
        row = found.first()
        return None if row is None else RailPause(**row._mapping)

    async def standing_for_update(self, rail: PayoutRail) -> RailPause | None:
        await take_turn(self._transaction, f"payout rail {rail}")
        return await self.standing(rail)

    async def put(self, pause: RailPause) -> None:
        facts = {
            "reach": pause.reach,
            "why": pause.why,
            "paused_at": pause.paused_at,
            "ends_at": pause.ends_at,
        }
        kept = insert(payout_rail_pauses).values(rail=pause.rail, **facts)
        await self._transaction.session.execute(kept.on_conflict_do_update(index_elements=["rail"], set_=facts))

    async def lift(self, rail: PayoutRail) -> None:
        await self._transaction.session.execute(delete(payout_rail_pauses).where(payout_rail_pauses.c.rail == rail))

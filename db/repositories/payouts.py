"""Payouts, loaded for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, not_, select, update

from db.advisory_lock import take_turn
from db.reads.identity import is_blocked
from db.tables.identity import users
from db.tables.payouts import NOT_LEFT, payout_receipts, payouts
from db.transaction import Transaction
from domain.ids import PayoutId, UserId
from domain.money import Asset
from domain.payouts.errors import PayoutNotFound, PayoutReceiptUsed
from domain.payouts.payout import Payout
from domain.payouts.state import PayoutRail, PayoutState

_UNDER_WAY: Final = (PayoutState.SENDING, PayoutState.UNKNOWN)


class SqlPayouts:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def get_for_update(self, payout_id: PayoutId) -> Payout:
        payout = await self._transaction.session.get(Payout, payout_id, with_for_update=True)
        if payout is None:
            raise PayoutNotFound
        return payout

    async def find_sent_for_update(self, rail: PayoutRail, name: str) -> Payout | None:
        sent = select(Payout).where(payouts.c.rail == rail, payouts.c.sent_as == name)
        found: Payout | None = await self._transaction.session.scalar(sent.with_for_update())
        return found

    async def requested_since(self, owner_id: UserId, *, since: datetime) -> list[Payout]:
        await take_turn(self._transaction, f"payouts:{owner_id}")
        columns = payouts.c
        recent = select(Payout).where(
            columns.owner_id == owner_id, columns.requested_at > since, columns.state.not_in(NOT_LEFT)
        )
        return list(await self._transaction.session.scalars(recent))

    async def add(self, payout: Payout) -> None:
        self._transaction.session.add(payout)

    async def use_receipt(self, payout: Payout, number: str) -> None:
        # Whoever brings the same number meanwhile waits here until it is certain whose it is.
        if await self._transaction.driver.fetchval(_KEEP, payout.rail.name, number, payout.id) is None:
            raise PayoutReceiptUsed

    async def owner_of_receipt(self, rail: PayoutRail, number: str) -> PayoutId | None:
        columns = payout_receipts.c
        whose = select(columns.payout_id).where(columns.rail == rail, columns.number == number.replace(" ", "").upper())
        return await self._transaction.session.scalar(whose)

    async def claim_approved(self, rail: PayoutRail, *, asset: Asset | None = None, limit: int) -> list[Payout]:
        columns = payouts.c
        due = (
            select(Payout)
            .join(users, users.c.id == columns.owner_id)
            .where(columns.rail == rail, columns.state == PayoutState.APPROVED, not_(is_blocked(self._now)))
            .order_by(columns.updated_at, columns.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=payouts)
        )
        if asset is not None:
            due = due.where(columns.amount_asset == asset)
        return list(await self._transaction.session.scalars(due))

    async def approved_of_blocked(self, *, limit: int) -> list[Payout]:
        columns = payouts.c
        waiting = (
            select(Payout)
            .join(users, users.c.id == columns.owner_id)
            .where(columns.state == PayoutState.APPROVED, is_blocked(self._now), users.c.blocked_until.is_(None))
            .order_by(columns.updated_at, columns.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=payouts)
        )
        return list(await self._transaction.session.scalars(waiting))

    async def under_way(self, rail: PayoutRail, *, before: datetime, limit: int) -> list[Payout]:
        columns, last = payouts.c, func.coalesce(payouts.c.asked_at, payouts.c.updated_at)
        due = (
            select(Payout)
            .where(columns.rail == rail, columns.state.in_(_UNDER_WAY), last <= before)
            .order_by(last)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = list(await self._transaction.session.scalars(due))
        noted = update(payouts).where(columns.id.in_([payout.id for payout in found])).values(asked_at=self._now)
        await self._transaction.session.execute(noted, execution_options={"synchronize_session": False})
        return found


_KEEP: Final = """
    insert into payout_receipts (rail, number, payout_id) values ($1, $2, $3)
    on conflict do nothing returning payout_id
"""

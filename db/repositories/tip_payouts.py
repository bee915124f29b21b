"""Rules by which tips leave, for change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, not_, or_, select, update

from db.reads.identity import is_blocked
from db.tables.identity import users
from db.tables.tip_payouts import tip_payout_rules
from db.tables.tips import tips
from db.transaction import Transaction
from domain.ids import PayoutId, TipId, WorkerId
from domain.money import Asset, Money
from domain.tip_payouts.rule import TipPayoutRule, TipPayoutWhen
from domain.tips.tip import TipState


class SqlTipPayoutRules:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._session, self._now = transaction, transaction.session, now

    async def find_for_update(self, worker_id: WorkerId) -> TipPayoutRule | None:
        return await self._session.get(TipPayoutRule, worker_id, with_for_update=True)

    async def add(self, rule: TipPayoutRule) -> None:
        self._session.add(rule)

    async def remove(self, rule: TipPayoutRule) -> None:
        await self._session.delete(rule)

    async def claim_due(self) -> TipPayoutRule | None:
        rules, staying = tip_payout_rules.c, tips.c
        collected = (
            select(func.coalesce(func.sum(staying.amount_minor), 0))
            .where(
                staying.worker_id == rules.worker_id,
                staying.state == TipState.PAID,
                staying.payout_id.is_(None),
                staying.given_at >= rules.since,
            )
            .scalar_subquery()
        )
        is_enough = collected + rules.carried_minor >= rules.minimum_minor
        due = (
            select(TipPayoutRule)
            .join(users, users.c.id == rules.user_id)
            .where(
                rules.waits_until <= self._now,
                or_(rules.when == TipPayoutWhen.DAILY, is_enough),
                not_(is_blocked(self._now)),
            )
            .order_by(rules.waits_until)
            .limit(1)
            .with_for_update(skip_locked=True, of=tip_payout_rules)
        )
        found: TipPayoutRule | None = await self._session.scalar(due)
        return found

    async def collected(self, worker_id: WorkerId, *, since: datetime, limit: int) -> dict[TipId, Money]:
        # Asked once more under the rule's lock: what another command had leave meanwhile is not among them.
        columns = tips.c
        staying = (
            select(columns.id, columns.amount_minor)
            .where(
                columns.worker_id == worker_id,
                columns.state == TipState.PAID,
                columns.payout_id.is_(None),
                columns.given_at >= since,
            )
            .order_by(columns.given_at, columns.id)
            .limit(limit)
            .with_for_update()
        )
        rows = await self._session.execute(staying)
        return {row.id: Money(row.amount_minor, Asset.KES) for row in rows}

    async def pay_out(self, tips_left: Collection[TipId], *, by: PayoutId) -> None:
        leaving = update(tips).where(tips.c.id.in_(list(tips_left)), tips.c.payout_id.is_(None)).values(payout_id=by)
        await self._session.flush()
        await self._session.execute(leaving, execution_options={"synchronize_session": False})

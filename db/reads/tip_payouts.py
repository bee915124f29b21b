"""Rules by which tips leave, for show."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.tip_payouts import tip_payout_rules
from db.tables.tips import tips
from domain.ids import UserId
from domain.money import Asset, Money
from domain.tip_payouts.rule import TipPayoutRule
from domain.tips.tip import TipState


async def collected_by_rule(connection: AsyncConnection, user_id: UserId) -> tuple[TipPayoutRule, Money] | None:
    """A worker's rule, and what it has collected that did not leave yet."""
    rules, staying = tip_payout_rules.c, tips.c
    found = (await connection.execute(select(tip_payout_rules).where(rules.user_id == user_id))).first()
    if found is None:
        return None
    rule = TipPayoutRule(**found._mapping)
    collected = select(func.coalesce(func.sum(staying.amount_minor), 0)).where(
        staying.worker_id == rule.worker_id,
        staying.state == TipState.PAID,
        staying.payout_id.is_(None),
        staying.given_at >= rule.since,
    )
    minor = int((await connection.execute(collected)).scalar_one()) + rule.carried_minor
    return rule, Money(minor, Asset.KES)

"""Setting a rule: from then on money leaves without being asked for, so whoever sets it shows their PIN."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.identity.second_factor import require_second_factor
from domain.money import Money
from domain.payouts.phone_destination import own_phone
from domain.settings.market_clock import market_offset
from domain.tip_payouts.rule import TipPayoutRule, TipPayoutWhen, first_time, minimum_of
from domain.tips.errors import WorkerNotFound
from domain.tips.worker import Worker
from domain.unit_of_work import UnitOfWork


async def set_tip_payout_rule(
    uow: UnitOfWork, gateways: Gateways, *, when: TipPayoutWhen, amount: Money | None
) -> TipPayoutRule:
    """Have tips of the actor leave by this rule, those that are collected already included.

    Raises:
        SecondFactorNeeded: the session did not show its PIN within five minutes.
        WorkerNotFound: the actor is no worker.
        InvalidInput: no amount that a phone is paid, or the actor has no phone that is paid.
    """
    await require_second_factor(uow)
    minimum = minimum_of(when, amount)
    worker = await _own(uow)
    await own_phone(uow, gateways, destination=None)
    offset = await market_offset(uow)
    rule = await uow.tip_payout_rules.find_for_update(worker.id)
    if rule is not None:
        rule.change(when, minimum, at=uow.now, utc_offset=offset)
        return rule
    rule = TipPayoutRule(
        worker_id=worker.id,
        user_id=worker.user_id,
        when=when,
        minimum_minor=minimum.minor,
        since=uow.now,
        waits_until=first_time(when, at=uow.now, utc_offset=offset),
    )
    await uow.tip_payout_rules.add(rule)
    return rule


async def remove_tip_payout_rule(uow: UnitOfWork) -> None:
    """Have tips of the actor stay in their wallet. Said again, it changes nothing.

    Raises:
        WorkerNotFound: the actor is no worker.
    """
    rule = await uow.tip_payout_rules.find_for_update((await _own(uow)).id)
    if rule is not None:
        await uow.tip_payout_rules.remove(rule)


async def _own(uow: UnitOfWork) -> Worker:
    worker = await uow.tips.find_worker_of(uow.actor.user_id)
    if worker is None:
        raise WorkerNotFound
    return worker

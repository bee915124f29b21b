"""Collected tips leave: each in one payout, by the rule of their worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.gateways import Sealer
from domain.money import Asset, Money
from domain.payments.mobile_money import SHILLING_MINOR
from domain.payments.mpesa_request import require_mpesa_phone
from domain.payouts.payout import Payout
from domain.payouts.requesting import TIER_SETTINGS, PayoutTerms, Wanted, set_aside
from domain.payouts.state import PayoutRail
from domain.settings.market_clock import market_offset
from domain.settings.platform_settings import SETTINGS
from domain.tip_payouts.rule import LARGEST, SMALLEST, TipPayoutRule, TipPayoutWhen, first_time
from domain.unit_of_work import UnitOfWork

TIPS_MAX: Final = 1_000


async def pay_out_tips(
    uow: UnitOfWork, sealer: Sealer, rule: TipPayoutRule, *, available: Money | None = None
) -> Payout | None:
    """Have what was collected by a claimed rule leave, or nothing while it is too little. `available` is what is left
    of it in the wallet, where less is: what was spent does not leave, and is not collected again.

    Raises:
        InsufficientFunds: less is available.
        InvalidInput: the worker has no phone that is paid.
        PayoutLimitExceeded: the payouts of a day would be worth too much.
        RateUnavailable: nobody said lately what a shilling is worth.
    """
    tips = await uow.tip_payout_rules.collected(rule.worker_id, since=rule.since, limit=TIPS_MAX)
    carried = Money(rule.carried_minor, Asset.KES)
    collected = sum(tips.values(), carried)
    left = collected if available is None else min(collected, available, key=lambda money: money.minor)
    amount = _payable(left)
    offset = await market_offset(uow)
    # More tips than leave at once may come to the minimum together: then those that are first leave by themselves.
    enough = SMALLEST if len(tips) == TIPS_MAX else rule.minimum
    if amount.minor < enough.minor:
        if available is not None:
            rule.forget_spent(left, at=uow.now)
        if rule.when is TipPayoutWhen.DAILY:
            rule.wait(until=first_time(rule.when, at=uow.now, utc_offset=offset))
        return None
    phone = require_mpesa_phone((await uow.users.get(rule.user_id)).phone)
    wanted = Wanted(owner_id=rule.user_id, amount=amount, rail=PayoutRail.MPESA, destination=phone, is_by_rule=True)
    payout = await set_aside(uow, sealer, wanted, terms=await _terms(uow))
    await uow.tip_payout_rules.pay_out(tips, by=payout.id)
    rule.leave(carried=left - amount, at=uow.now, utc_offset=offset)
    return payout


def _payable(left: Money) -> Money:
    """Whole shillings, rounded down, and no more than one payout takes; the rest is carried on."""
    shillings = min(left.minor, LARGEST.minor) // SHILLING_MINOR
    return Money(shillings * SHILLING_MINOR, Asset.KES)


async def _terms(uow: UnitOfWork) -> PayoutTerms:
    async def said(key: str) -> int:
        return int(await uow.settings.value(SETTINGS[key]))

    return PayoutTerms(
        day_limit=Money(await said("payout_day_limit_usdt_minor"), Asset.USDT),
        tier_limits={tier: Money(await said(key), Asset.USDT) for tier, key in TIER_SETTINGS.items()},
        two_persons_from=Money(await said("payout_two_persons_from_usdt_minor"), Asset.USDT),
        stale_after=timedelta(seconds=await said("rate_stale_after_seconds")),
        rails=frozenset({PayoutRail.MPESA}),
    )

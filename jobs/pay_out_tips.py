"""Tips leave by the rules of their workers."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import DomainError
from domain.ids import WorkerId
from domain.ledger.errors import InsufficientFunds
from domain.money import Money
from domain.payouts.state import PayoutRail
from domain.tip_payouts.leaving import pay_out_tips
from domain.tip_payouts.rule import RETRY_AFTER
from jobs.parts import Parts

BATCH: Final = 50
OPERATION: Final = "job.pay_out_tips"

_log = structlog.get_logger("sokoni.jobs")


async def pay_out_collected_tips(parts: Parts) -> None:
    """Have collected tips leave, each rule in a commit of its own that also says which tips left by it: however many
    workers do it, and wherever one dies, no tip leaves twice.
    """
    if PayoutRail.MPESA not in parts.payout_senders:
        return
    for _ in range(BATCH):
        if not await _by_one_rule(parts):
            break


async def _by_one_rule(parts: Parts) -> bool:
    worker_id: WorkerId | None = None
    try:
        async with parts.unit_of_work(OPERATION) as uow:
            rule = await uow.tip_payout_rules.claim_due()
            if rule is None:
                return False
            worker_id = rule.worker_id
            await pay_out_tips(uow, parts.sealer, rule)
    except InsufficientFunds as short:
        assert worker_id is not None, "a rule was claimed"
        await _what_is_left(parts, worker_id, short.available)
    except DomainError as refusal:
        assert worker_id is not None, "a rule was claimed"
        await _later(parts, worker_id, refusal)
    return True


async def _what_is_left(parts: Parts, worker_id: WorkerId, available: Money) -> None:
    try:
        async with parts.unit_of_work(OPERATION) as uow:
            rule = await uow.tip_payout_rules.find_for_update(worker_id)
            if rule is not None:
                await pay_out_tips(uow, parts.sealer, rule, available=available)
    except DomainError as refusal:
        await _later(parts, worker_id, refusal)


async def _later(parts: Parts, worker_id: WorkerId, refusal: DomainError) -> None:
    _log.warning("tips_not_paid_out", worker=str(worker_id), refusal=type(refusal).__name__)
    async with parts.unit_of_work(OPERATION) as uow:
        rule = await uow.tip_payout_rules.find_for_update(worker_id)
        if rule is not None:
            rule.wait(until=uow.now + RETRY_AFTER)

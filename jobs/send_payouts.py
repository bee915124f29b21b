"""Approved payouts are sent by rails that pay by themselves, and those whose fate is unknown are asked about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from domain.errors import GatewayFault
from domain.payouts.execution import SENT_WITHIN, record_outcome
from domain.payouts.outcome import Outcome, Unknown
from domain.payouts.payout import Payout
from jobs.parts import Parts

BATCH: Final = 20

_log = structlog.get_logger("sokoni.jobs")


async def send_payouts(parts: Parts) -> None:
    """Send what is approved, one after the other. That it is being sent, and under which name, is committed right
    before the rail is asked; a crash leaves this one to `ask_payouts`, never to be sent again, and the others approved.
    """
    for rail, sender in parts.payout_senders.items():
        for _ in range(BATCH):
            async with parts.unit_of_work("job.send_payouts") as uow:
                claimed = await uow.payouts.claim_approved(rail, limit=1)
                for payout in claimed:
                    uow.emit(payout.send(at=uow.now))
            if not claimed:
                break
            await _told_by(parts, claimed[0], sender.send)


async def ask_payouts(parts: Parts) -> None:
    """Ask rails what became of payouts that have been under way for two minutes, and every two minutes from then on.
    Each is noted as asked about before it is, so that one that cannot be does not keep the others waiting.
    """
    for rail, sender in parts.payout_senders.items():
        for _ in range(BATCH):
            async with parts.unit_of_work("job.ask_payouts") as uow:
                due = await uow.payouts.under_way(rail, before=uow.now - SENT_WITHIN, limit=1)
            if not due:
                break
            await _told_by(parts, due[0], sender.ask)


async def _told_by(parts: Parts, payout: Payout, rail: Callable[..., Awaitable[Outcome]]) -> None:
    destination = parts.sealer.unseal(payout.sealed_destination, about=f"payout destination {payout.id}")
    outcome: Outcome
    try:
        outcome = await rail(payout, destination=destination)
    except GatewayFault as fault:
        _log.warning("payout_unknown", payout=payout.label, provider=fault.provider, provider_code=fault.provider_code)
        outcome = Unknown()
    async with parts.unit_of_work("job.payout_outcome") as uow:
        await record_outcome(uow, payout_id=payout.id, outcome=outcome)

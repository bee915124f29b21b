"""Approved payouts are sent by rails that pay by themselves, and those whose fate is unknown are asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from domain.errors import GatewayFault
from domain.payouts.execution import record_outcome
from domain.payouts.outcome import Outcome, Unknown
from domain.payouts.payout import Payout
from jobs.parts import Parts

BATCH: Final = 20
# Longer than any rail is given to answer, so that nothing is asked about while it is still being sent.
ASKED_AFTER: Final = timedelta(minutes=2)

_log = structlog.get_logger("sokoni.jobs")


async def send_payouts(parts: Parts) -> None:
    """Send what is approved. That it is being sent, and under which name, is committed before the rail is asked; a
    crash leaves it to `ask_payouts`, never to be sent again.
    """
    for rail, sender in parts.payout_senders.items():
        async with parts.unit_of_work("job.send_payouts") as uow:
            claimed = await uow.payouts.claim_approved(rail, limit=BATCH)
            for payout in claimed:
                uow.emit(payout.send(at=uow.now))
        for payout in claimed:
            try:
                outcome = await sender.send(payout, destination=_destination(parts, payout))
            except GatewayFault as fault:
                outcome = _unknown(payout, fault)
            await _record(parts, payout, outcome)


async def ask_payouts(parts: Parts) -> None:
    """Ask rails what became of payouts that have been under way for two minutes, and every two minutes from then on."""
    for rail, sender in parts.payout_senders.items():
        async with parts.unit_of_work("job.ask_payouts") as uow:
            due = await uow.payouts.under_way(rail, before=uow.now - ASKED_AFTER, limit=BATCH)
        for payout in due:
            try:
                outcome = await sender.ask(payout, destination=_destination(parts, payout))
            except GatewayFault as fault:
                outcome = _unknown(payout, fault)
            await _record(parts, payout, outcome)


async def _record(parts: Parts, payout: Payout, outcome: Outcome) -> None:
    async with parts.unit_of_work("job.payout_outcome") as uow:
        await record_outcome(uow, payout_id=payout.id, outcome=outcome)


def _unknown(payout: Payout, fault: GatewayFault) -> Unknown:
    _log.warning("payout_unknown", payout=payout.label, provider=fault.provider, provider_code=fault.provider_code)
    return Unknown()


def _destination(parts: Parts, payout: Payout) -> str:
    return parts.sealer.unseal(payout.sealed_destination, about=f"payout destination {payout.id}")

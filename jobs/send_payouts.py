"""Approved payouts are sent by rails that pay by themselves, and those whose fate is unknown are asked about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from domain.errors import GatewayFault
from domain.payouts.execution import SENT_WITHIN, record_outcome
from domain.payouts.outcome import Deferred, Failed, Outcome, Unknown
from domain.payouts.payout import Payout
from domain.payouts.rail_pause import Reach
from domain.payouts.state import PayoutState
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
                is_paused = await uow.rail_pauses.standing(rail) is not None
                claimed = [] if is_paused else await uow.payouts.claim_approved(rail, limit=1)
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
                pause = await uow.rail_pauses.standing(rail)
                is_stopped = pause is not None and pause.reach is Reach.EVERYTHING
                due = [] if is_stopped else await uow.payouts.under_way(rail, before=uow.now - SENT_WITHIN, limit=1)
            if not due:
                break
            await _told_by(parts, due[0], sender.ask)


async def _told_by(parts: Parts, payout: Payout, rail: Callable[..., Awaitable[Outcome]]) -> None:
    destination = parts.sealer.unseal(payout.sealed_destination, about=payout.sealed_about)
    outcome: Outcome
    try:
        outcome = await rail(payout, destination=destination)
    except GatewayFault as fault:
        _log.warning("payout_unknown", payout=payout.label, provider=fault.provider, provider_code=fault.provider_code)
        outcome = Unknown()
    async with parts.unit_of_work("job.payout_outcome") as uow:
        recorded = await record_outcome(uow, payout_id=payout.id, outcome=outcome)
    raise_alarms(recorded, outcome)


def raise_alarms(payout: Payout, outcome: Outcome) -> None:
    """Tell people of ours, by an error in the log, what they have to look at; `payout` is as the outcome left it."""
    match outcome:
        case (
            Failed(failure=why, pauses=Reach())
            | Unknown(unclear=str() as why, pauses=Reach())
            | Deferred(why=why, wait=None)
        ):
            _log.error("payout_rail_paused", payout=payout.label, rail=payout.rail.value, why=why)
        case Deferred(why=why):
            _log.warning("payout_put_off", payout=payout.label, rail=payout.rail.value, why=why)
        case Unknown(unclear=str() as why):
            _log.error("payout_word_not_understood", payout=payout.label, rail=payout.rail.value, why=why)
    is_otherwise = isinstance(outcome, Failed) and payout.state is PayoutState.PAID
    if is_otherwise or payout.contradicted_by is not None:
        _log.error("payout_told_both_ways", payout=payout.label, state=payout.state.value)

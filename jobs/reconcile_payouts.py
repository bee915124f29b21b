"""Each day from 02:00 of the market's own clock on, what rails did the day before is compared with what is booked."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import structlog

from domain.errors import GatewayFault
from domain.payouts.errors import StatementBeingBooked
from domain.payouts.reconciliation import ReconciliationRun, StatementSource
from domain.payouts.reconciling import CAUGHT_UP_DAYS, begin_runs, reconcile, reconcile_if_told
from domain.payouts.state import PayoutRail
from domain.payouts.statements import keep_told
from jobs.parts import Parts

BATCH: Final = 50
# Rails that pay by themselves, and whose statement finance brings.
_BROUGHT: Final = frozenset({PayoutRail.MPESA})
OPERATION: Final = "job.reconcile_payouts"

_log = structlog.get_logger("sokoni.jobs")


async def reconcile_payouts(parts: Parts) -> None:
    """Begin a run for each rail and day that is over, ask rails that can be asked for their statement, and compare the
    days that are told of. A day is compared in one commit: after a crash it still waits.
    """
    for rail in (PayoutRail.BANK_TRANSFER, *_BROUGHT & parts.payout_senders.keys(), *parts.statement_sources):
        async with parts.unit_of_work(OPERATION) as uow:
            await begin_runs(uow, rail=rail)
    async for run in _waiting(parts):
        source = parts.statement_sources.get(run.rail)
        is_done = await (_compare_told(parts, run) if source is None else _compare_asked(parts, run, source))
        if is_done:
            _log.info("payouts_reconciled", rail=run.rail.value, day=run.day.isoformat())


async def _waiting(parts: Parts) -> AsyncIterator[ReconciliationRun]:
    """Each once: days whose statement never comes must not keep later ones from their turn. After a month they are not
    looked at any more until one comes.
    """
    last: ReconciliationRun | None = None
    since = (parts.clock.now() - timedelta(days=CAUGHT_UP_DAYS)).date()
    while True:
        async with parts.unit_of_work(OPERATION) as uow:
            waiting = await uow.reconciliations.waiting(since=since, after=last, limit=BATCH)
        for run in waiting:
            yield run
        if len(waiting) < BATCH:
            return
        last = waiting[-1]


async def _compare_told(parts: Parts, run: ReconciliationRun) -> bool:
    async with parts.unit_of_work(OPERATION) as uow:
        return await reconcile_if_told(uow, run)


async def _compare_asked(parts: Parts, run: ReconciliationRun, source: StatementSource) -> bool:
    try:
        lines = await source.lines_of(run.day)
    except GatewayFault as fault:
        _log.warning("statement_not_told", rail=run.rail.value, day=run.day.isoformat(), provider=fault.provider)
        return False
    if lines is None:
        return False
    if lines:
        digest = hashlib.sha256(repr(lines).encode()).hexdigest()
        async with parts.unit_of_work(OPERATION) as uow:
            await keep_told(uow, rail=run.rail, lines=lines, sha256=digest)
    try:
        async with parts.unit_of_work(OPERATION) as uow:
            await reconcile(uow, rail=run.rail, day=run.day)
    except StatementBeingBooked:
        return False
    return True

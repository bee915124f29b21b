"""What statements say is booked, line by line."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import DomainError
from domain.payouts.statement import ClaimedLine, LineState
from domain.payouts.statements import book_line
from jobs.parts import Parts

BATCH: Final = 50
LEASE_SECONDS: Final = 120
OPERATION: Final = "job.book_statements"
# What somebody should look at; reconciliation shows it as well.
_STRANGE: Final = (LineState.WRONG_AMOUNT, LineState.NUMBER_USED, LineState.CONTRADICTION)

_log = structlog.get_logger("sokoni.jobs")


async def book_statements(parts: Parts) -> None:
    """Book the lines that wait, each in a commit of its own that also says so: after a crash the others still wait."""
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            waiting = await uow.payout_statements.claim_waiting(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for line in waiting:
            await _book(parts, line)
        claimed = len(waiting)


async def _book(parts: Parts, line: ClaimedLine) -> None:
    try:
        async with parts.unit_of_work(OPERATION) as uow:
            uow.because(f"line {line.id} of a statement")
            state = await book_line(uow, line)
    except DomainError as refusal:
        _log.warning("statement_line_not_booked", line=str(line.id), attempt=line.attempt, refusal=str(refusal))
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.payout_statements.note_failed(line)
        return
    if state in _STRANGE:
        _log.warning("statement_line_strange", line=str(line.id), state=state.value)

"""Payments end when nobody paid in time."""

from __future__ import annotations

from typing import Final

from domain.payments.expiring import expire_payments
from jobs.parts import Parts

BATCH: Final = 100


async def expire_overdue_payments(parts: Parts) -> None:
    """End everything that is overdue, a hundred at a commit. Safe to run twice: what has ended is not overdue."""
    ended = BATCH
    while ended == BATCH:
        async with parts.unit_of_work("job.expire_payments") as uow:
            ended = await expire_payments(uow, limit=BATCH)

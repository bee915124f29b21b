"""Approved payouts that can never leave are ended."""

from __future__ import annotations

from typing import Final

from domain.payouts.review import end_payouts_of_blocked
from jobs.parts import Parts

BATCH: Final = 50


async def end_payouts_of_the_blocked(parts: Parts) -> None:
    """End payouts of people who are shut out for good, fifty at a commit; run twice, each is ended by one."""
    ended = BATCH
    while ended == BATCH:
        async with parts.unit_of_work("job.end_payouts") as uow:
            ended = await end_payouts_of_blocked(uow, limit=BATCH)

"""Listings end when their time is over."""

from __future__ import annotations

from typing import Final

from domain.listings.expiry import expire_listings
from jobs.parts import Parts

BATCH: Final = 100


async def expire_due_listings(parts: Parts) -> None:
    """End everything that is due, a hundred at a commit. Safe to run twice: what has ended is not due."""
    ended = BATCH
    while ended == BATCH:
        async with parts.unit_of_work("job.expire_listings") as uow:
            ended = await expire_listings(uow, limit=BATCH)

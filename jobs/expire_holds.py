"""Money set aside is given back when its time is over."""

from __future__ import annotations

from typing import Final

from domain.ledger.holds import expire_due_holds
from jobs.parts import Parts

BATCH: Final = 50


async def expire_overdue_holds(parts: Parts) -> None:
    """End holds past their time, fifty at a commit; run twice, each is ended by one."""
    expired = BATCH
    while expired == BATCH:
        async with parts.unit_of_work("job.expire_holds") as uow:
            expired = await expire_due_holds(uow, limit=BATCH)

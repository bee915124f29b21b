"""What providers called back holds payers' data: once it was taken in and is old, what it said is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.settings.platform_settings import definition_of
from jobs.parts import Parts

BATCH: Final = 1_000
KEPT_DAYS: Final = definition_of("callback_bodies_kept_days")


async def empty_old_callbacks(parts: Parts) -> None:
    """Empty them, a thousand of each kind at a commit. That each came, when, and what became of it stays, and so does
    that the same is not taken in twice.
    """
    async with parts.unit_of_work("job.empty_callbacks") as uow:
        kept = timedelta(days=int(await uow.settings.value(KEPT_DAYS)))
    emptied = BATCH
    while emptied >= BATCH:
        emptied = await parts.empty_callbacks(before=parts.clock.now() - kept, limit=BATCH)

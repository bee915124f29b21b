"""Quotes that nobody carried out are kept for a day, for whoever asks what was promised."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from jobs.parts import Parts

KEPT: Final = timedelta(days=1)
BATCH: Final = 1_000


async def purge_unused_quotes(parts: Parts) -> None:
    """Forget older ones, a thousand at a commit. Those that were carried out stay for good."""
    forgotten = BATCH
    while forgotten == BATCH:
        async with parts.unit_of_work("job.purge_quotes") as uow:
            forgotten = await uow.quotes.purge(expired_before=uow.now - KEPT, limit=BATCH)

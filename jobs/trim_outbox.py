"""The log of live streams reaches back seven days; an older cursor is told that there is a gap."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from jobs.parts import Parts

KEPT: Final = timedelta(days=7)
BATCH: Final = 1_000


async def trim_old_events(parts: Parts) -> None:
    """Forget older events that were relayed, a thousand at a commit. Positions go on where they were."""
    forgotten = BATCH
    while forgotten == BATCH:
        forgotten = await parts.trim_outbox(before=parts.clock.now() - KEPT, limit=BATCH)

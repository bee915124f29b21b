"""What idempotency keys answered is kept for two days, twice as long as clients are promised."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from jobs.parts import Parts

KEPT: Final = timedelta(hours=48)
BATCH: Final = 1_000


async def purge_old_answers(parts: Parts) -> None:
    """Forget older answers, a thousand at a commit. The ledger's references still refuse what was posted."""
    forgotten = BATCH
    while forgotten == BATCH:
        forgotten = await parts.purge_answers(before=parts.clock.now() - KEPT, limit=BATCH)

"""What idempotency keys answered is forgotten when it was kept long enough: two days, a year for what devices queue."""

from __future__ import annotations

from typing import Final

from jobs.parts import Parts

BATCH: Final = 1_000


async def purge_old_answers(parts: Parts) -> None:
    """Forget them, a thousand at a commit. The ledger's references still refuse what was posted."""
    forgotten = BATCH
    while forgotten == BATCH:
        forgotten = await parts.purge_answers(at=parts.clock.now(), limit=BATCH)

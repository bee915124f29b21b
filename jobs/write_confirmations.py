"""People are told by e-mail of payouts that were paid and of refunds."""

from __future__ import annotations

from typing import Final

from domain.confirmations.writing import write_confirmations
from jobs.parts import Parts

BATCH: Final = 50


async def write_due_confirmations(parts: Parts) -> None:
    """Write what is due; `deliver_messages` sends it. Run twice, or again after a crash, each is written once."""
    written = BATCH
    while written >= BATCH:
        async with parts.unit_of_work("job.write_confirmations") as uow:
            written = await write_confirmations(uow, parts.sealer, limit=BATCH)

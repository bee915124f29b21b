"""`sokoni ledger verify`: the books against themselves."""

from __future__ import annotations

from app.config import Settings
from app.wiring import wired
from db.reads.ledger_verification import verify_ledger
from domain.ledger.verification import Verification


async def verify(settings: Settings) -> Verification:
    """Recompute every balance, hold and transfer at one instant."""
    async with wired(settings, application_name="sokoni ledger") as wiring, wiring.database.snapshot() as connection:
        return await verify_ledger(connection)

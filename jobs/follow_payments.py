"""What waits for a payment goes along with it."""

from __future__ import annotations

from typing import Final

from domain.orders.awaiting import follow_order_payments
from domain.tips.giving import follow_tip_payments
from jobs.parts import Parts

BATCH: Final = 100


async def follow_payments(parts: Parts) -> None:
    """Let orders and tips follow their payments, however and by whatever rail these went on; what is paid is completed
    with the money and is not looked for here. Safe to run twice: what has followed is not behind.
    """
    for follow in (follow_order_payments, follow_tip_payments):
        followed = BATCH
        while followed == BATCH:
            async with parts.unit_of_work("job.follow_payments") as uow:
                followed = await follow(uow, limit=BATCH)

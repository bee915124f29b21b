"""Signatures are kept until their time would refuse them anyway, as long as one may be timely and a little more."""

from __future__ import annotations

from typing import Final

from domain.identity.signed_request import CLOCKS_DIFFER
from jobs.parts import Parts

# One that was signed five minutes ahead is timely for ten; a little more for the clocks of our own processes.
KEPT: Final = 3 * CLOCKS_DIFFER
BATCH: Final = 1_000


async def forget_old_signatures(parts: Parts) -> None:
    """Forget those that were used longer ago, a thousand at a commit."""
    forgotten = BATCH
    while forgotten == BATCH:
        forgotten = await parts.forget_signatures(before=parts.clock.now() - KEPT, limit=BATCH)

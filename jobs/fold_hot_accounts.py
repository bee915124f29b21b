"""Credits appended beside the balances of hot accounts are folded in before they grow long to sum up."""

from __future__ import annotations

from typing import Final

from jobs.parts import Parts

LONGER_THAN: Final = 500
ACCOUNTS: Final = 20
ENTRIES: Final = 10_000


async def fold_long_tails(parts: Parts) -> None:
    """Fold where more than 500 wait, until nothing is that long. Folding twice changes nothing."""
    folded = 1
    while folded:
        async with parts.unit_of_work("job.fold_hot_accounts") as uow:
            folded = await uow.ledger.fold_hot_accounts(longer_than=LONGER_THAN, accounts=ACCOUNTS, entries=ENTRIES)

"""The books, for those who read them."""

from __future__ import annotations

from collections import Counter
from typing import Final

import strawberry

from db.reads.ledger import trial_balance
from domain.identity.roles import Permission
from domain.money import Asset
from resolvers.context import Info
from schema.access import holders_of
from schema.fields import query
from schema.ledger import TrialBalance, TrialBalanceLine
from schema.traits import Traits

# It adds up all that there is: a tenth of what one operation may cost.
SUMS_WEIGHT: Final = 100


@strawberry.type
class LedgerQuery:
    """What can be asked of the books."""

    @query(access=holders_of(Permission.LEDGER_READ), traits=Traits(weight=SUMS_WEIGHT))
    async def ledger_trial_balance(self, info: Info) -> TrialBalance:
        """What all accounts hold, by purpose and asset."""
        async with info.context.database.read() as connection:
            lines = await trial_balance(connection)
        sums: Counter[Asset] = Counter()
        for line in lines:
            sums[line.asset] += line.balance.minor
        return TrialBalance(lines=[TrialBalanceLine.of(line) for line in lines], is_balanced=not any(sums.values()))

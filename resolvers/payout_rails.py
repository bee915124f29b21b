"""Rails of payouts: which are left alone, and who takes them up again."""

from __future__ import annotations

import strawberry

from db.reads.payouts import standing_pauses
from domain.identity.roles import Permission
from domain.payouts.pausing import resume_rail
from resolvers.context import Info
from schema.access import holders_of
from schema.fields import mutation, query
from schema.payouts import PayoutRailPause, PayoutRailResumeInput, PayoutRailResumePayload


@strawberry.type
class PayoutRailQuery:
    """What can be asked about the rails of payouts."""

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_rail_pauses(self, info: Info) -> list[PayoutRailPause]:
        """Rails that are left alone now, at most one pause for each."""
        async with info.context.database.read() as connection:
            return [
                PayoutRailPause.of(pause) for pause in await standing_pauses(connection, at=info.context.clock.now())
            ]


@strawberry.type
class PayoutRailMutation:
    """How a rail pays again."""

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_rail_resume(self, info: Info, input: PayoutRailResumeInput) -> PayoutRailResumePayload:
        """Have a rail pay again, because what kept it from paying is mended. Approved payouts are sent at once."""
        async with info.context.unit_of_work() as uow:
            await resume_rail(uow, rail=input.rail, reason=input.reason)
        return PayoutRailResumePayload(rail=input.rail)

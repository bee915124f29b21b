"""Setting a tier: somebody who looked at a person's papers says how well the market knows them."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.ids import UserId
from domain.kyc.tier import KycStanding, KycTier
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork


async def set_kyc_tier(uow: UnitOfWork, *, user_id: UserId, tier: KycTier, reason: str) -> KycStanding:
    """Say how well a person is known, for a reason that is audited. Said again, it changes nothing.

    Raises:
        OwnAccount: nobody says it of themselves.
        UserNotFound: there is no such person.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    uow.because(why)
    if user_id == uow.actor.user:
        raise OwnAccount
    person = await uow.users.get(user_id)
    standing = await uow.kyc_standings.find_for_update(person.id)
    if standing is None:
        standing = KycStanding(user_id=person.id, tier=tier, reason=why, set_by=uow.actor.user, set_at=uow.now)
        await uow.kyc_standings.add(standing)
    elif standing.tier is not tier:
        standing.become(tier, why, by=uow.actor.user, at=uow.now)
    return standing

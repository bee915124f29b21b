"""KYC: how well the market knows people, and what it therefore lets out to them."""

from __future__ import annotations

import strawberry

from db.reads.kyc import kyc_tier_of
from db.reads.payouts import let_out_since
from domain.identity.roles import Permission
from domain.kyc.setting_tier import set_kyc_tier
from domain.kyc.tier import KycTier
from domain.money import Asset, Money
from domain.payouts.requesting import DAY
from resolvers.context import Info
from resolvers.identity import user_id_of
from resolvers.payouts import terms_of
from schema.access import SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.kyc import KycTierSetInput, KycTierSetPayload, PayoutAllowance
from schema.money import Money as ShownMoney


@strawberry.type
class ViewerKyc:
    """What the viewer is let out."""

    @query(access=SIGNED_IN)
    async def payout_allowance(self, info: Info) -> PayoutAllowance:
        """What you may still have paid out today, by how well the market knows you."""
        owner, terms = info.context.actor.user_id, await terms_of(info)
        async with info.context.database.read() as connection:
            tier = await kyc_tier_of(connection, owner)
            let_out = await let_out_since(connection, owner, since=info.context.clock.now() - DAY)
        limit = terms.limit_of(tier)
        return PayoutAllowance(
            tier=tier,
            day_limit=ShownMoney.of(limit),
            left=ShownMoney.of(Money(max(limit.minor - let_out.value_minor, 0), Asset.USDT)),
            asked_count=let_out.asked,
        )


@strawberry.type
class KycQuery:
    """What can be asked about people's tiers."""

    @query(access=holders_of(Permission.KYC_REVIEW))
    async def kyc_tier(self, info: Info, user_id: strawberry.ID) -> KycTier:
        """How well the market knows a person."""
        person = user_id_of(user_id, path=("userId",))
        async with info.context.database.read() as connection:
            return await kyc_tier_of(connection, person)


@strawberry.type
class KycMutation:
    """How a person comes to be known better."""

    @mutation(access=holders_of(Permission.KYC_REVIEW))
    async def kyc_tier_set(self, info: Info, input: KycTierSetInput) -> KycTierSetPayload:
        """Say how well the market knows a person; what is let out to them in a day follows from it."""
        person = user_id_of(input.user_id, path=("userId",))
        async with info.context.unit_of_work() as uow:
            standing = await set_kyc_tier(uow, user_id=person, tier=input.tier, reason=input.reason)
        return KycTierSetPayload(tier=standing.tier)

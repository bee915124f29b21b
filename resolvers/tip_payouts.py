"""Rules by which tips leave: set and removed by their worker."""

from __future__ import annotations

import strawberry

from db.reads.tip_payouts import collected_by_rule
from domain.tip_payouts.setting import remove_tip_payout_rule, set_tip_payout_rule
from resolvers.context import Info
from schema.access import IN_SESSION, SIGNED_IN
from schema.fields import mutation, query
from schema.tip_payouts import (
    CollectedTips,
    TipPayoutRule,
    TipPayoutRuleRemovePayload,
    TipPayoutRuleSetInput,
    TipPayoutRuleSetPayload,
)


@strawberry.type
class ViewerTipPayouts:
    """What leaves of the viewer's tips."""

    @query(access=SIGNED_IN)
    async def collected_tips(self, info: Info) -> CollectedTips | None:
        """What you were tipped and what did not leave yet, and by which rule it will; null without a rule."""
        async with info.context.database.read() as connection:
            found = await collected_by_rule(connection, info.context.actor.user_id)
        return CollectedTips.of(*found) if found else None


@strawberry.type
class TipPayoutMutation:
    """How tips leave by themselves."""

    @mutation(access=IN_SESSION)
    async def tip_payout_rule_set(self, info: Info, input: TipPayoutRuleSetInput) -> TipPayoutRuleSetPayload:
        """Have your tips leave to your own phone by themselves, within five minutes of pinVerify or totpVerify. Set
        again, it is changed. A large payout still waits for finance."""
        amount = input.amount.parse() if input.amount else None
        async with info.context.unit_of_work() as uow:
            rule = await set_tip_payout_rule(uow, info.context.gateways, when=input.when, amount=amount)
        return TipPayoutRuleSetPayload(rule=TipPayoutRule.of(rule))

    @mutation(access=IN_SESSION)
    async def tip_payout_rule_remove(self, info: Info) -> TipPayoutRuleRemovePayload:
        """Have your tips stay in your wallet; what is under way leaves."""
        async with info.context.unit_of_work() as uow:
            await remove_tip_payout_rule(uow)
        return TipPayoutRuleRemovePayload()

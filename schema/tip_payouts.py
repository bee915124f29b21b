"""Rules by which tips leave, as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.money import Money as Amount
from domain.tip_payouts.rule import TipPayoutRule as Rule
from domain.tip_payouts.rule import TipPayoutWhen
from schema.errors import Payload
from schema.money import Money, MoneyInput

strawberry.enum(TipPayoutWhen, description="When collected tips leave; more may come.")


@strawberry.type
class TipPayoutRule:
    """When what you are tipped leaves to your own phone by M-Pesa."""

    when: TipPayoutWhen
    """What it waits for."""
    minimum: Money
    """Below this nothing leaves; M-Pesa takes no less than ten shillings."""
    since: datetime
    """Tips from then on are collected."""
    waits_until: datetime
    """Nothing leaves before; of a daily rule its next evening."""

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """As it is kept."""
        return cls(when=rule.when, minimum=Money.of(rule.minimum), since=rule.since, waits_until=rule.waits_until)


@strawberry.type
class CollectedTips:
    """What you were tipped and what did not leave yet."""

    rule: TipPayoutRule
    """By which it leaves."""
    amount: Money
    """How much it is; less leaves when you spent of it."""

    @classmethod
    def of(cls, rule: Rule, amount: Amount) -> Self:
        """As it stands."""
        return cls(rule=TipPayoutRule.of(rule), amount=Money.of(amount))


@strawberry.input
class TipPayoutRuleSetInput:
    """When your tips leave."""

    when: TipPayoutWhen
    """What they wait for."""
    amount: MoneyInput | None = None
    """For AT_AMOUNT only: 10 to 250 000 whole shillings."""


@strawberry.type
class TipPayoutRuleSetPayload(Payload):
    """The rule that stands from now on."""

    rule: TipPayoutRule | None = None
    """Null when it was refused."""


@strawberry.type
class TipPayoutRuleRemovePayload(Payload):
    """Your tips stay in your wallet."""

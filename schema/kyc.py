"""KYC as the API shows and takes it."""

from __future__ import annotations

import strawberry

from domain.kyc.tier import KycTier
from schema.errors import Payload
from schema.money import Money

strawberry.enum(KycTier, description="How well the market knows a person; more may come.")


@strawberry.type
class PayoutAllowance:
    """What is let out to you, by how well the market knows you; amounts are values in USDT."""

    tier: KycTier
    """How well you are known."""
    day_limit: Money
    """What your payouts of a day may be worth together."""
    left: Money
    """What is left of it now."""
    asked_count: int
    """How many payouts you asked for within the last day; three are taken."""


@strawberry.input
class KycTierSetInput:
    """How well the market knows whom."""

    user_id: strawberry.ID
    """Somebody else."""
    tier: KycTier
    """How well. Said again, it changes nothing."""
    reason: str
    """What says so, for the audit trail, 3 to 500 characters."""


@strawberry.type
class KycTierSetPayload(Payload):
    """The person's tier from now on."""

    tier: KycTier | None = None
    """Null when it was refused."""

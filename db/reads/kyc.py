"""How well people are known, for show."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.kyc import kyc_standings
from domain.ids import UserId
from domain.kyc.tier import KycTier


async def kyc_tier_of(connection: AsyncConnection, user_id: UserId) -> KycTier:
    """The person's tier; UNVERIFIED where nobody said anything."""
    said = select(kyc_standings.c.tier).where(kyc_standings.c.user_id == user_id)
    tier: KycTier | None = await connection.scalar(said)
    return tier or KycTier.UNVERIFIED

"""How well people are known, for change."""

from __future__ import annotations

from sqlalchemy import select

from db.advisory_lock import take_turn
from db.tables.kyc import kyc_standings
from db.transaction import Transaction
from domain.ids import UserId
from domain.kyc.tier import KycStanding, KycTier


class SqlKycStandings:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def tier_of(self, user_id: UserId) -> KycTier:
        said = select(kyc_standings.c.tier).where(kyc_standings.c.user_id == user_id)
        tier: KycTier | None = await self._transaction.session.scalar(said)
        return tier or KycTier.UNVERIFIED

    async def find_for_update(self, user_id: UserId) -> KycStanding | None:
        await take_turn(self._transaction, f"kyc:{user_id}")
        return await self._transaction.session.get(KycStanding, user_id, with_for_update=True)

    async def add(self, standing: KycStanding) -> None:
        self._transaction.session.add(standing)

"""Codes as they were sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from db.advisory_lock import take_turn
from db.tables.identity import passcodes
from db.transaction import Transaction
from domain.identity.passcode import Passcode, PasscodePurpose


class SqlPasscodes:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def latest_sends(
        self, *, address_digest: bytes, network: str, since: datetime, limit: int
    ) -> tuple[list[datetime], list[datetime]]:
        turns = {f"passcode-address:{address_digest.hex()}"} | ({f"passcode-network:{network}"} if network else set())
        for turn in sorted(turns):
            await take_turn(self._transaction, turn)
        to_address = await self._latest(passcodes.c.address_digest == address_digest, since=since, limit=limit)
        if not network:
            return to_address, []
        return to_address, await self._latest(passcodes.c.network == network, since=since, limit=limit)

    async def find_newest(self, address_digest: bytes, purpose: PasscodePurpose) -> Passcode | None:
        newest = (
            select(Passcode)
            .where(passcodes.c.address_digest == address_digest, passcodes.c.purpose == purpose)
            # One that gave way expires with its successor's issue, so the latest end is the newest.
            .order_by(passcodes.c.issued_at.desc(), passcodes.c.expires_at.desc())
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return await self._transaction.session.scalar(newest)

    async def add(self, passcode: Passcode) -> None:
        self._transaction.session.add(passcode)

    async def _latest(self, whose: ColumnElement[bool], *, since: datetime, limit: int) -> list[datetime]:
        latest = (
            select(passcodes.c.issued_at)
            .where(whose, passcodes.c.issued_at > since)
            .order_by(passcodes.c.issued_at.desc())
            .limit(limit)
        )
        return list(await self._transaction.session.scalars(latest))

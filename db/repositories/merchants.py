"""Merchants, loaded for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from db.advisory_lock import take_turn
from db.reads.identity import is_blocked
from db.tables.identity import users
from db.tables.merchants import merchants, settlement_addresses
from db.transaction import Transaction
from domain.ids import MerchantId, UserId
from domain.merchants.errors import MerchantNotFound
from domain.merchants.merchant import Merchant
from domain.merchants.settlement_address import SettlementAddress

ADDRESSES_MAX: Final = 100


class SqlMerchants:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def get(self, merchant_id: MerchantId) -> Merchant:
        return _found(await self._transaction.session.get(Merchant, merchant_id))

    async def get_with_owner(self, merchant_id: MerchantId) -> tuple[Merchant, bool]:
        columns = merchants.c
        wanted = select(Merchant, is_blocked(self._now)).join(users, users.c.id == columns.owner_id)
        found = (await self._transaction.session.execute(wanted.where(columns.id == merchant_id))).first()
        if found is None:
            raise MerchantNotFound
        merchant, is_owner_blocked = found
        return merchant, is_owner_blocked

    async def get_for_update(self, merchant_id: MerchantId) -> Merchant:
        return _found(await self._transaction.session.get(Merchant, merchant_id, with_for_update=True))

    async def count_of(self, owner_id: UserId) -> int:
        await take_turn(self._transaction, f"merchants:{owner_id}")
        counted = select(func.count()).where(merchants.c.owner_id == owner_id)
        return await self._transaction.session.scalar(counted) or 0

    async def add(self, merchant: Merchant) -> None:
        self._transaction.session.add(merchant)

    async def settlement_addresses(self, merchant_id: MerchantId) -> list[SettlementAddress]:
        columns = settlement_addresses.c
        known = select(SettlementAddress).where(columns.merchant_id == merchant_id)
        newest = known.order_by(columns.set_at.desc(), columns.id.desc()).limit(ADDRESSES_MAX)
        return list(await self._transaction.session.scalars(newest))

    async def add_settlement_address(self, address: SettlementAddress) -> None:
        self._transaction.session.add(address)


def _found(merchant: Merchant | None) -> Merchant:
    if merchant is None:
        raise MerchantNotFound
    return merchant

"""Merchants, loaded for change."""

from __future__ import annotations

from sqlalchemy import func, select

from db.tables.merchants import merchants
from db.transaction import Transaction
from domain.ids import MerchantId, UserId
from domain.merchants.errors import MerchantNotFound
from domain.merchants.merchant import Merchant


class SqlMerchants:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, merchant_id: MerchantId) -> Merchant:
        return _found(await self._transaction.session.get(Merchant, merchant_id))

    async def get_for_update(self, merchant_id: MerchantId) -> Merchant:
        return _found(await self._transaction.session.get(Merchant, merchant_id, with_for_update=True))

    async def count_of(self, owner_id: UserId) -> int:
        counted = select(func.count()).where(merchants.c.owner_id == owner_id)
        return await self._transaction.session.scalar(counted) or 0

    async def add(self, merchant: Merchant) -> None:
        self._transaction.session.add(merchant)


def _found(merchant: Merchant | None) -> Merchant:
    if merchant is None:
        raise MerchantNotFound
    return merchant

"""Products and their stock, loaded for change."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import asyncpg

from db.transaction import Transaction
from domain.ids import OrderId, ProductId
from domain.merchants.merchant import Merchant, MerchantStatus
from domain.money import Asset, Money
from domain.products.errors import CodeAlreadyAdded, ProductNotFound
from domain.products.offer import Offer
from domain.products.product import Product, ProductCode, ProductDelivery, ProductStatus


class SqlProducts:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def get_offer(self, product_id: ProductId) -> Offer:
        row = await self._transaction.driver.fetchrow(_OFFER, product_id, self._now)
        if row is None:
            raise ProductNotFound
        return Offer(product=_product(row), merchant=_merchant(row), is_owner_blocked=row["is_owner_blocked"])

    async def get_for_update(self, product_id: ProductId) -> Product:
        return _found(await self._transaction.session.get(Product, product_id, with_for_update=True))

    async def add(self, product: Product) -> None:
        self._transaction.session.add(product)

    async def add_codes(self, codes: Collection[ProductCode]) -> None:
        added = await self._transaction.driver.fetch(
            _ADD,
            [code.id for code in codes],
            [code.product_id for code in codes],
            [code.sealed_code for code in codes],
            [code.digest for code in codes],
            [code.added_at for code in codes],
        )
        if len(added) != len(codes):
            raise CodeAlreadyAdded

    async def release_code(self, order_id: OrderId) -> None:
        await self._transaction.driver.execute(_RELEASE, order_id)


def _found(product: Product | None) -> Product:
    if product is None:
        raise ProductNotFound
    return product


def _product(row: asyncpg.Record) -> Product:
    return Product(
        id=row["id"],
        merchant_id=row["merchant_id"],
        title=row["title"],
        description=row["description"],
        price=Money(row["price_minor"], Asset[row["price_asset"]]),
        delivery=ProductDelivery[row["delivery"]],
        file_id=row["file_id"],
        status=ProductStatus[row["status"]],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def _merchant(row: asyncpg.Record) -> Merchant:
    return Merchant(
        id=row["merchant_id"],
        owner_id=row["owner_id"],
        name=row["merchant_name"],
        status=MerchantStatus[row["merchant_status"]],
        fee_basis_points=row["fee_basis_points"],
        suspended_reason=row["suspended_reason"],
        registered_at=row["registered_at"],
        verified_at=row["verified_at"],
        version=row["merchant_version"],
    )


_OFFER: Final = """
    select p.*, m.owner_id, m.name merchant_name, m.status merchant_status, m.fee_basis_points, m.suspended_reason,
        m.registered_at, m.verified_at, m.version merchant_version,
        u.status = 'BLOCKED' and (u.blocked_until is null or u.blocked_until > $2) is_owner_blocked
    from products p join merchants m on m.id = p.merchant_id join users u on u.id = m.owner_id
    where p.id = $1
"""
_ADD: Final = """
    insert into product_codes (id, product_id, sealed_code, digest, added_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::timestamptz[])
    on conflict do nothing returning id
"""
_RELEASE: Final = "update product_codes set order_id = null where order_id = $1"

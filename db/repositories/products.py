"""Products and their stock, loaded for change."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import asyncpg

from db.transaction import Transaction
from domain.ids import OrderId, ProductId
from domain.products.errors import CodeAlreadyAdded, OutOfStock, ProductNotFound
from domain.products.product import Product, ProductCode


class SqlProducts:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, product_id: ProductId) -> Product:
        return _found(await self._transaction.session.get(Product, product_id))

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

    async def take_code(self, product_id: ProductId, *, order_id: OrderId) -> ProductCode:
        driver = self._transaction.driver
        while True:
            taken = await driver.fetchrow(_TAKE, product_id, order_id)
            if taken is not None:
                return _code(taken)
            # What is left is held by others, who may yet leave it: wait for one of them, and look again.
            if await driver.fetchval(_WAIT, product_id) is None:
                raise OutOfStock

    async def release_code(self, order_id: OrderId) -> None:
        await self._transaction.driver.execute(_RELEASE, order_id)


def _found(product: Product | None) -> Product:
    if product is None:
        raise ProductNotFound
    return product


def _code(row: asyncpg.Record) -> ProductCode:
    return ProductCode(**dict(row))


_ADD: Final = """
    insert into product_codes (id, product_id, sealed_code, digest, added_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::timestamptz[])
    on conflict do nothing returning id
"""
_TAKE: Final = """
    update product_codes set order_id = $2
    where id = (
        select id from product_codes where product_id = $1 and order_id is null
        order by id limit 1 for update skip locked
    )
    returning id, product_id, sealed_code, digest, order_id, added_at
"""
_RELEASE: Final = "update product_codes set order_id = null where order_id = $1"
# The row may be sold once it is ours to see; what matters is that there was one to wait for.
_WAIT: Final = """
    with held as (select id from product_codes where product_id = $1 and order_id is null order by id limit 1)
    select product_codes.id from product_codes join held using (id) for update of product_codes
"""

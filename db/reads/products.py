"""Products for show, and how many of each are left."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.merchants import merchants
from db.tables.products import product_codes, products
from domain.ids import MerchantId, ProductCodeId, ProductId
from domain.merchants.merchant import MerchantStatus
from domain.page import Page, PageRequest
from domain.products.product import Product, ProductStatus

_NEWEST: Final = (products.c.created_at.desc(), products.c.id.desc())


async def products_by_ids(connection: AsyncConnection, ids: Collection[ProductId]) -> dict[ProductId, Product]:
    """Products by id, whatever their status."""
    return {row.id: _product(row) for row in await connection.execute(select(products).where(products.c.id.in_(ids)))}


async def offered_products(
    connection: AsyncConnection, *, merchant_id: MerchantId | None, page: PageRequest
) -> Page[Product]:
    """What merchants that sell offer, the newest first; of one of them, or of all."""
    offered = (
        select(products)
        .join(merchants, merchants.c.id == products.c.merchant_id)
        .where(products.c.status == ProductStatus.OFFERED, merchants.c.status == MerchantStatus.VERIFIED)
    )
    if merchant_id is not None:
        offered = offered.where(products.c.merchant_id == merchant_id)
    return (await keyset(connection, offered, order=_NEWEST, page=page)).map(_product)


async def products_of(connection: AsyncConnection, merchant_id: MerchantId, *, page: PageRequest) -> Page[Product]:
    """Everything of one merchant, paused products too, the newest first."""
    own = select(products).where(products.c.merchant_id == merchant_id)
    return (await keyset(connection, own, order=_NEWEST, page=page)).map(_product)


async def stock_of(connection: AsyncConnection, ids: Collection[ProductId]) -> dict[ProductId, int]:
    """How many codes of each are unsold; products without any are left out."""
    columns = product_codes.c
    counted = (
        select(columns.product_id, func.count().label("unsold"))
        .where(columns.product_id.in_(ids), columns.order_id.is_(None))
        .group_by(columns.product_id)
    )
    return {row.product_id: row.unsold for row in await connection.execute(counted)}


async def sealed_codes(connection: AsyncConnection, ids: Collection[ProductCodeId]) -> dict[ProductCodeId, bytes]:
    """Codes as they are kept."""
    columns = product_codes.c
    rows = await connection.execute(select(columns.id, columns.sealed_code).where(columns.id.in_(ids)))
    return {row.id: row.sealed_code for row in rows}


def _product(row: Row[Any]) -> Product:
    return rebuilt(Product, row, products, money="price")

"""Merchants that sell, products with a stock, and customers who buy them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Final

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.ids import ProductId
from domain.merchants.merchant import Merchant
from domain.merchants.onboarding import register_merchant, verify_merchant
from domain.money import BasisPoints, Money
from domain.orders.order import Order
from domain.orders.purchase import OrderTerms, place_order, reserve_order
from domain.payments.requesting import Way
from domain.products.product import Product, ProductDelivery
from domain.products.stocking import add_codes, offer_product, put_file
from domain.uploads import UploadPurpose, checked_upload
from tests.commands import Commands

TERMS: Final = OrderTerms(fee=BasisPoints(500), stale_after=timedelta(minutes=15))
_codes = count(1)


async def make_merchant(commands: Commands, owner: Actor, *, fee_basis_points: int | None = None) -> Merchant:
    """A business that may sell."""
    async with commands.by(owner) as uow:
        merchant = await register_merchant(uow, name="Duka la Vitabu")
    async with commands.by_system() as uow:
        return await verify_merchant(
            uow, merchant_id=merchant.id, reason="Papers seen", fee_basis_points=fee_basis_points
        )


async def make_product(
    commands: Commands, gateways: Gateways, owner: Actor, merchant: Merchant, price: Money, *, stock: int = 1
) -> Product:
    """A product with so many codes."""
    async with commands.by(owner) as uow:
        product = await offer_product(
            uow, merchant_id=merchant.id, title="Airtime voucher", description="", price=price
        )
    if stock:
        async with commands.by(owner) as uow:
            codes = [f"CODE-{next(_codes)}" for _ in range(stock)]
            await add_codes(uow, gateways, product_id=product.id, codes=codes)
    return product


async def make_download(
    commands: Commands, owner: Actor, merchant: Merchant, price: Money, *, content: bytes | None = b"%PDF-1.7"
) -> Product:
    """A product that is a file, with its file unless there is none yet."""
    async with commands.by(owner) as uow:
        product = await offer_product(
            uow,
            merchant_id=merchant.id,
            title="A book",
            description="",
            price=price,
            delivery=ProductDelivery.FILE,
        )
    return product if content is None else await give_file(commands, owner, product, content)


async def give_file(commands: Commands, owner: Actor, product: Product, content: bytes = b"%PDF-1.7") -> Product:
    """Who orders from now on gets it."""
    file = checked_upload(
        content,
        content_type="application/pdf",
        purpose=UploadPurpose.PRODUCT_FILE,
        owner_id=owner.user_id,
        at=commands.now,
    )
    async with commands.by(owner) as uow:
        return await put_file(uow, product_id=product.id, file=file)


async def buy(commands: Commands, buyer: Actor, product_id: ProductId, price: Money) -> Order:
    """One of a product, at five per cent for the market."""
    async with commands.by(buyer) as uow:
        return (await place_order(uow, product_id=product_id, price=price, terms=TERMS))[0]


async def reserve(commands: Commands, buyer: Actor, product_id: ProductId, price: Money, way: Way) -> Order:
    """One of a product, set aside until it is paid."""
    async with commands.by(buyer) as uow:
        return await reserve_order(uow, product_id=product_id, price=price, terms=TERMS, way=way)

"""Demo trade: a shop with something in stock, and a worker who takes tips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.wiring import Wiring
from domain.geo import Point
from domain.identity.actor import Actor
from domain.merchants.onboarding import register_merchant, verify_merchant
from domain.money import Asset, Money
from domain.products.stocking import add_codes, offer_product
from domain.tips.profile import register_worker

CODES: Final = 60
PRICE: Final = Money(100_00, Asset.KES)
PLACE: Final = Point(-1_286_389, 36_817_223)
REQUEST: Final = "seed"


async def open_trade(wiring: Wiring, people: Mapping[str, Actor]) -> None:
    """The merchant sells a voucher for a hundred shillings; the worker is found in the middle of Nairobi."""
    merchant, finance, worker = (people[label] for label in ("merchant", "finance", "worker"))
    async with wiring.unit_of_work(merchant, operation="seed", request_id=REQUEST) as uow:
        shop = await register_merchant(uow, name="Esther's Electronics")
    async with wiring.unit_of_work(finance, operation="seed", request_id=REQUEST) as uow:
        await verify_merchant(uow, merchant_id=shop.id, reason="Demo shop")
    async with wiring.unit_of_work(merchant, operation="seed", request_id=REQUEST) as uow:
        voucher = await offer_product(
            uow, merchant_id=shop.id, title="Airtime voucher", description="A hundred shillings to talk.", price=PRICE
        )
    async with wiring.unit_of_work(merchant, operation="seed", request_id=REQUEST) as uow:
        codes = [f"DEMO-{number:04}" for number in range(CODES)]
        await add_codes(uow, wiring.gateways, product_id=voucher.id, codes=codes)
    async with wiring.unit_of_work(worker, operation="seed", request_id=REQUEST) as uow:
        await register_worker(
            uow, name="Farid", trade="Waiter", place_name="Java House, Mama Ngina Street", place=PLACE
        )

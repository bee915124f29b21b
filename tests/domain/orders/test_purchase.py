"""A customer pays, a merchant is owed, and a code is delivered: all at once, or nothing; and never one code twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from db.tables.orders import orders
from db.tables.products import product_codes
from domain.errors import DomainError, InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import ProductId, new_id
from domain.ledger import chart
from domain.ledger.errors import InsufficientFunds
from domain.merchants.errors import MerchantNotOpen
from domain.merchants.merchant import Merchant
from domain.merchants.onboarding import suspend_merchant
from domain.money import Asset, Money
from domain.orders.errors import OrderNotFound, OrderNotRefundable, OwnProduct
from domain.orders.order import Order, OrderStatus
from domain.products.errors import OutOfStock, PriceChanged, ProductNotFound, ProductNotOffered
from domain.products.product import ProductStatus
from domain.products.stocking import update_product
from domain.refunds.refunding import refund_order
from domain.wallets.errors import RateUnavailable
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.people import make_person
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified, wallet

PRICE = points(300)  # three USDT


async def unsold(commands: Commands) -> int:
    async with commands.database.read() as connection:
        counted = select(func.count()).select_from(product_codes).where(product_codes.c.order_id.is_(None))
        return await connection.scalar(counted) or 0


async def bought(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(orders)) or 0


async def market(commands: Commands) -> tuple[Actor, Merchant]:
    await observe(commands)
    seller = await make_holder(commands)
    return seller, await make_merchant(commands, seller)


async def test_buyer_merchant_and_market_are_booked_in_one_transfer(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE)
    amina = await make_holder(commands, points(500))

    order = await buy(commands, amina, product.id, PRICE)

    assert (order.status, order.value, order.fee) == (OrderStatus.DELIVERED, usdt(3_000_000), usdt(150_000))
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(200)
    assert await balance(commands, chart.points_redeemed()) == PRICE
    assert await balance(commands, chart.usdt_reserve()) == usdt(-3_000_000)
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(2_850_000)
    assert await balance(commands, chart.platform_revenue()) == usdt(150_000)
    assert (await verified(commands)).is_sound
    assert await unsold(commands) == 0
    [told] = await commands.events("order.updated")
    assert (told.body["status"], "code" in str(told.body)) == ("DELIVERED", False)


@pytest.mark.parametrize(
    ("price", "value"), [(kes(38_775), 3_000_000), (usdt(3_000_000), 3_000_000), (Money(3, Asset.USDT), 3)]
)
async def test_other_assets_pay_as_well(commands: Commands, gateways: Gateways, price: Money, value: int) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, price)
    amina = await make_holder(commands, price)

    order = await buy(commands, amina, product.id, price)

    assert order.value == usdt(value)
    assert (await wallet(commands, amina, price.asset)).balance.minor == 0
    owed = await balance(commands, chart.merchant_payable(merchant.id))
    assert owed + order.fee == order.value
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize(("own", "fee"), [(None, 150_000), (0, 0), (10_000, 3_000_000)])
async def test_a_merchant_may_have_a_share_of_its_own(
    commands: Commands, gateways: Gateways, own: int | None, fee: int
) -> None:
    await observe(commands)
    seller, amina = await make_holder(commands), await make_holder(commands, PRICE)
    merchant = await make_merchant(commands, seller, fee_basis_points=own)
    product = await make_product(commands, gateways, seller, merchant, PRICE)

    order = await buy(commands, amina, product.id, PRICE)

    assert order.fee == usdt(fee)
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(3_000_000 - fee)


async def test_two_hundred_buyers_of_ten_codes_get_ten(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE, stock=10)
    buyers = [await make_holder(commands, PRICE) for _ in range(20)]

    async def once(number: int) -> str:
        try:
            await buy(commands, buyers[number % 20], product.id, PRICE)
        except DomainError as refusal:
            return type(refusal).__name__
        return "bought"

    ends = Counter(await asyncio.gather(*(once(number) for number in range(200))))

    assert ends["bought"] == 10
    assert set(ends) <= {"bought", "OutOfStock", "InsufficientFunds", "Overloaded"}
    assert (await bought(commands), await unsold(commands)) == (10, 0)
    async with commands.database.read() as connection:
        codes = list(await connection.scalars(select(orders.c.code_id)))
    assert len(set(codes)) == 10
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(10 * 2_850_000)
    assert (await verified(commands)).is_sound


async def test_a_code_that_somebody_could_not_pay_is_another_ones(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE)
    poor, amina = await make_holder(commands, points(299)), await make_holder(commands, PRICE)

    with pytest.raises(InsufficientFunds):
        await buy(commands, poor, product.id, PRICE)

    assert (await bought(commands), await unsold(commands)) == (0, 1)
    assert (await wallet(commands, poor, Asset.POINTS)).balance == points(299)
    await buy(commands, amina, product.id, PRICE)
    with pytest.raises(OutOfStock):
        await buy(commands, seller_friend := await make_holder(commands, PRICE), product.id, PRICE)
    assert (await wallet(commands, seller_friend, Asset.POINTS)).balance == PRICE


@pytest.mark.parametrize("obstacle", ["suspended", "blocked", "paused", "price", "own", "nothing", "stale", "empty"])
async def test_what_cannot_be_bought_moves_nothing(commands: Commands, gateways: Gateways, obstacle: str) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE, stock=0 if obstacle == "empty" else 1)
    buyer = seller if obstacle == "own" else await make_holder(commands, PRICE)
    product_id, price, refusal = (
        product.id,
        PRICE,
        {
            "suspended": MerchantNotOpen,
            "blocked": MerchantNotOpen,
            "paused": ProductNotOffered,
            "price": PriceChanged,
            "own": OwnProduct,
            "nothing": ProductNotFound,
            "stale": RateUnavailable,
            "empty": OutOfStock,
        }[obstacle],
    )
    match obstacle:
        case "suspended":
            async with commands.by_system() as uow:
                await suspend_merchant(uow, merchant_id=merchant.id, reason="Complaints")
        case "blocked":
            async with commands.by_system() as uow:
                await block_user(uow, user_id=seller.user_id, reason="Fraud", until=None)
        case "paused":
            async with commands.by(seller) as uow:
                await update_product(uow, product_id=product.id, status=ProductStatus.PAUSED)
        case "price":
            price = points(299)
        case "nothing":
            product_id = ProductId(new_id())
        case "stale":
            commands.now = commands.now.replace(hour=23)

    with pytest.raises(refusal):
        await buy(commands, buyer, product_id, price)

    assert await bought(commands) == 0
    assert await unsold(commands) == (0 if obstacle == "empty" else 1)
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(0)


async def refund(commands: Commands, by: Actor, order: Order, reason: str = "The code did not work.") -> Order:
    async with commands.by(by) as uow:
        return await refund_order(uow, order_id=order.id, reason=reason)


async def test_a_refund_gives_everything_back_once(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE)
    amina = await make_holder(commands, PRICE)
    order = await buy(commands, amina, product.id, PRICE)

    refunded = await refund(commands, seller, order)
    with pytest.raises(OrderNotRefundable):
        await refund(commands, seller, order)

    assert (refunded.status, refunded.refund_reason) == (OrderStatus.REFUNDED, "The code did not work.")
    assert (await wallet(commands, amina, Asset.POINTS)).balance == PRICE
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(0)
    assert await balance(commands, chart.platform_revenue()) == usdt(0)
    assert await unsold(commands) == 0
    assert (await verified(commands)).is_sound
    assert [event.body["status"] for event in await commands.events("order.updated")] == ["DELIVERED", "REFUNDED"]


async def test_only_the_merchant_and_finance_refund(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE)
    amina, clerk = await make_holder(commands, PRICE), await make_person(commands, Role.FINANCE)
    order = await buy(commands, amina, product.id, PRICE)

    for stranger in (amina, await make_holder(commands)):
        with pytest.raises(OrderNotFound):
            await refund(commands, stranger, order)
    with pytest.raises(InvalidInput):
        await refund(commands, seller, order, reason="no")
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(0)

    await refund(commands, clerk, order)
    assert (await wallet(commands, amina, Asset.POINTS)).balance == PRICE


async def test_nobody_of_finance_takes_back_what_they_bought_themselves(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE)
    clerk = await make_holder(commands, PRICE, roles=(Role.FINANCE,))
    order = await buy(commands, clerk, product.id, PRICE)

    with pytest.raises(OwnAccount):
        await refund(commands, clerk, order)

    assert (await wallet(commands, clerk, Asset.POINTS)).balance == points(0)
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(2_850_000)
    await refund(commands, seller, order)


async def test_of_many_refunds_at_once_one_is_booked(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    product = await make_product(commands, gateways, seller, merchant, PRICE, stock=2)
    amina = await make_holder(commands, points(600))
    order, _ = [await buy(commands, amina, product.id, PRICE) for _ in range(2)]

    ends = await asyncio.gather(*(refund(commands, seller, order) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(end, Order) for end in ends) == 1
    assert (await wallet(commands, amina, Asset.POINTS)).balance == PRICE
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(2_850_000)

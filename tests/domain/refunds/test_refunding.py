"""Customers have their money back in parts: no unit is lost, and never more is given back than was paid."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from db.tables.orders import orders
from db.tables.refunds import refunds
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import OrderId, new_id
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.errors import InsufficientFunds
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.orders.errors import OrderNotFound, OrderNotRefundable, RefundTooLarge
from domain.orders.order import Order, OrderStatus
from domain.refunds.refund import Refund
from domain.refunds.refunding import create_refund, refund_order
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.people import make_person
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified, wallet

PRICE = points(300)  # three USDT, of which 0.15 are the market's


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


async def bought(
    commands: Commands, gateways: Gateways, price: Money, *, fee_basis_points: int | None = None
) -> tuple[Actor, Order]:
    seller = await make_holder(commands)
    merchant = await make_merchant(commands, seller, fee_basis_points=fee_basis_points)
    product = await make_product(commands, gateways, seller, merchant, price)
    buyer = await make_holder(commands, price)
    return buyer, await buy(commands, buyer, product.id, price)


async def give_back(
    commands: Commands, by: Actor, order: Order, amount: Money | None, *, reason: str = "It worked in part."
) -> tuple[Order, Refund]:
    async with commands.by(by) as uow:
        return await create_refund(uow, order_id=order.id, amount=amount, reason=reason)


async def kept(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(refunds)) or 0


async def test_a_part_takes_its_parts_of_merchant_and_market(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina, order = await bought(commands, gateways, PRICE)

    after, refund = await give_back(commands, clerk, order, points(100))

    assert (after.status, after.refunded, after.refund_reason) == (OrderStatus.DELIVERED, points(100), None)
    assert (refund.amount, refund.from_merchant, refund.from_market) == (points(100), usdt(950_000), usdt(50_000))
    assert (refund.place, refund.made_by, refund.reason) == (1, clerk.user_id, "It worked in part.")
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(100)
    assert await balance(commands, chart.merchant_payable(order.merchant_id)) == usdt(1_900_000)
    assert await balance(commands, chart.platform_revenue()) == usdt(100_000)
    assert await balance(commands, chart.usdt_reserve()) == usdt(-2_000_000)
    told = [event.body for event in await commands.events("order.updated")]
    assert [(body["status"], body["refunded_minor"]) for body in told] == [("DELIVERED", 0), ("DELIVERED", 100)]
    assert [entry.reason for entry in await commands.trail()][-1] == "It worked in part."
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("price", "fee"), [(points(300), 500), (usdt(1_000_003), 333), (kes(129_251), 1), (usdt(7), 9_999), (usdt(7), 0)]
)
async def test_parts_that_sum_to_the_price_lose_no_unit(  # noqa: PLR0913  # fixtures
    commands: Commands, gateways: Gateways, clerk: Actor, price: Money, fee: int, seed: int
) -> None:
    random = Random(seed)
    buyer, order = await bought(commands, gateways, price, fee_basis_points=fee)
    parts: list[Refund] = []

    while (left := price.minor - sum(part.amount.minor for part in parts)) > 0:
        amount = Money(random.randint(1, left if len(parts) > 4 else max(1, left // 2)), price.asset)
        order, part = await give_back(commands, clerk, order, amount if len(parts) < 8 else None)
        parts.append(part)
        if price.asset is Asset.USDT:
            assert part.from_merchant_minor + part.from_market_minor == part.amount.minor

    assert (order.status, order.refunded) == (OrderStatus.REFUNDED, price)
    assert sum(part.from_merchant_minor for part in parts) == order.value_minor - order.fee_minor
    assert sum(part.from_market_minor for part in parts) == order.fee_minor
    assert (await wallet(commands, buyer, price.asset)).balance == price
    assert await balance(commands, chart.merchant_payable(order.merchant_id)) == usdt(0)
    assert await balance(commands, chart.platform_revenue()) == usdt(0)
    assert (await verified(commands)).is_sound


async def test_clerks_and_the_merchant_at_once_give_back_no_more_than_was_paid(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina, order = await bought(commands, gateways, PRICE)
    other = await make_person(commands, Role.FINANCE)

    async def whole() -> Order:
        async with commands.by(other) as uow:
            return await refund_order(uow, order_id=order.id, reason="All of it")

    ends = await asyncio.gather(
        *(give_back(commands, clerk, order, points(70)) for _ in range(6)), whole(), whole(), return_exceptions=True
    )

    assert all(isinstance(end, tuple | Order | RefundTooLarge | OrderNotRefundable) for end in ends), ends
    assert sum(isinstance(end, Order) for end in ends) == 1
    assert (await wallet(commands, amina, Asset.POINTS)).balance == PRICE
    assert await balance(commands, chart.merchant_payable(order.merchant_id)) == usdt(0)
    assert (await verified(commands)).is_sound


async def test_what_is_refused_gives_nothing_back(commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    amina, order = await bought(commands, gateways, PRICE)
    await give_back(commands, clerk, order, points(250))
    buying_clerk = await make_holder(commands, roles=(Role.FINANCE,))
    async with commands.database.transaction() as connection:
        await connection.execute(update(orders).values(buyer_id=buying_clerk.user_id))
    with pytest.raises(OwnAccount):
        await give_back(commands, buying_clerk, order, points(1))
    async with commands.database.transaction() as connection:
        await connection.execute(update(orders).values(buyer_id=amina.user_id))
    before = (await verified(commands), len(await commands.trail()), len(await commands.events()))

    for amount in (points(0), points(-1), usdt(1), kes(1)):
        with pytest.raises(InvalidInput):
            await give_back(commands, clerk, order, amount)
    with pytest.raises(RefundTooLarge) as refused:
        await give_back(commands, clerk, order, points(51))
    assert (refused.value.left, "50 POINTS" in str(refused.value)) == (points(50), True)
    with pytest.raises(InvalidInput):
        await give_back(commands, clerk, order, points(1), reason=" ")
    with pytest.raises(OrderNotFound):
        async with commands.by(clerk) as uow:
            await create_refund(uow, order_id=OrderId(new_id()), amount=None, reason="Never sold")

    assert (await verified(commands), len(await commands.trail()), len(await commands.events())) == before
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(250)
    assert await kept(commands) == 1
    await give_back(commands, clerk, order, None)
    with pytest.raises(OrderNotRefundable):
        await give_back(commands, clerk, order, points(1))


async def test_what_was_settled_already_is_not_taken_from_others(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina, order = await bought(commands, gateways, PRICE)
    payable = chart.merchant_payable(order.merchant_id)
    # A merchant has no wallet of its own to be settled into yet; a reversal takes the same way out.
    taken = Transfer("settled", TransferCode.REVERSAL, (Move(payable, chart.conversion(Asset.USDT), usdt(2_000_000)),))
    async with commands.by_system() as uow:
        await post(uow, taken)

    with pytest.raises(InsufficientFunds):
        await give_back(commands, clerk, order, points(100))
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(0)
    await give_back(commands, clerk, order, points(80))
    assert (await wallet(commands, amina, Asset.POINTS)).balance == points(80)


async def test_the_table_holds_no_more_than_the_price(commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    _, order = await bought(commands, gateways, PRICE)
    await give_back(commands, clerk, order, points(100))

    for changes in ({"refunded_minor": 301}, {"refunded_minor": 300}, {"refunded_minor": -1}):
        with pytest.raises(IntegrityError):
            async with commands.database.transaction() as connection:
                await connection.execute(update(orders).values(**changes))

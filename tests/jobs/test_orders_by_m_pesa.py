"""An order by M-Pesa: a code is set aside, delivered once it is paid, and for sale again when it is not."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from domain.errors import DomainError, InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.ledger import chart
from domain.merchants.onboarding import suspend_merchant
from domain.money import Asset, Money
from domain.orders.errors import (
    CouponNotFound,
    OrderNotCancellable,
    OrderNotFound,
    OrderNotRefundable,
    OwnProduct,
    TooManyReserved,
)
from domain.orders.order import Order, OrderStatus
from domain.orders.purchase import RESERVED_MAX, reserve_order
from domain.payments.cancelling import cancel_payment
from domain.payments.errors import PaymentAlreadyEnded
from domain.payments.state import PaymentState
from domain.products.errors import OutOfStock, PriceChanged
from domain.products.product import ProductStatus
from domain.products.stocking import update_product
from domain.refunds.refunding import refund_order
from tests.makers.mpesa import Till, by_phone
from tests.makers.mpesa_shop import FEE, PRICE, VALUE, Shop, make_shop
from tests.makers.orders import TERMS, buy, make_product, reserve
from tests.makers.wallets import balance, kes, make_holder, usdt, verified, wallet


@pytest.fixture
async def shop(till: Till, payer: Actor, gateways: Gateways) -> Shop:
    return await make_shop(till, gateways, payer)


async def test_it_is_set_aside_asked_for_and_delivered_once_paid(shop: Shop) -> None:
    order = await shop.reserve()
    assert (await shop.order(order)).status is OrderStatus.AWAITING_PAYMENT
    assert await shop.stock() == 1
    assert await shop.till.bookings() == 0
    await shop.till.push()

    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await shop.require_delivered_once(order)
    assert await shop.states() == ["AWAITING_PAYMENT", "DELIVERED"]
    assert shop.till.prompt.body["Amount"] == 1293
    assert await shop.stock() == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1032", "The payment was cancelled."),
        ("2001", "2001: The M-Pesa PIN was wrong."),
        ("1037", "Nobody paid in time."),
    ],
)
async def test_an_order_that_is_not_paid_lets_its_code_go(shop: Shop, code: str, reason: str) -> None:
    order = await shop.reserve()
    await shop.till.push()
    await shop.till.call_back(shop.till.prompt, code=code)
    await shop.till.take_in()

    await shop.till.follow()
    await shop.till.follow()

    found = await shop.order(order)
    assert (found.status, found.cancel_reason, found.code_id) == (OrderStatus.CANCELLED, reason, None)
    assert await shop.stock() == 2
    assert await shop.till.bookings() == 0
    assert await shop.states() == ["AWAITING_PAYMENT", "CANCELLED"]
    again = await shop.reserve(phone="+254708374150")
    assert again.code_id == order.code_id


@pytest.mark.parametrize("is_followed", [True, False])
async def test_what_arrives_after_its_end_is_the_customers_and_told(shop: Shop, is_followed: bool) -> None:
    order = await shop.reserve()
    await shop.till.push()
    await shop.till.call_back(shop.till.prompt, code="1037")
    await shop.till.take_in()
    if is_followed:
        await shop.till.follow()

    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await shop.require_money_is_the_customers(order)
    assert len(await shop.till.commands.events("payment.arrived_late")) == 1
    assert await shop.stock() == 2


async def test_a_callback_before_the_answer_and_duplicates_deliver_once(shop: Shop) -> None:
    order = await shop.reserve()
    shop.till.daraja.next(callback_first=True, callbacks=1)
    await shop.till.push()
    await shop.till.paid_on_phone()
    for number in range(3):
        await shop.till.call_back(shop.till.prompt, ResultDesc=f"again {number}")
    await asyncio.gather(*(shop.till.take_in() for _ in range(3)), shop.till.follow(), shop.till.query())

    await shop.require_delivered_once(order)


@pytest.mark.parametrize("obstacle", ["suspended", "blocked"])
async def test_a_merchant_that_does_not_sell_any_more_delivers_nothing(shop: Shop, obstacle: str) -> None:
    order = await shop.reserve()
    await shop.till.push()
    async with shop.till.commands.by_system() as uow:
        if obstacle == "suspended":
            await suspend_merchant(uow, merchant_id=shop.merchant.id, reason="Complaints")
        else:
            await block_user(uow, user_id=shop.seller.user_id, reason="Fraud", until=None)

    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await shop.require_money_is_the_customers(order)
    assert order.payment_id is not None
    assert await shop.till.state(order.payment_id) is PaymentState.PAID
    assert len(await shop.till.commands.events("payment.credited")) == 1
    assert await shop.stock() == 2


async def test_what_was_ordered_keeps_its_price_and_is_delivered_though_it_was_paused(shop: Shop) -> None:
    order = await shop.reserve()
    await shop.till.push()
    async with shop.till.commands.by(shop.seller) as uow:
        await update_product(uow, product_id=shop.product.id, price=kes(999_900), status=ProductStatus.PAUSED)

    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await shop.require_delivered_once(order)


async def test_a_customer_cancels_and_what_comes_nevertheless_is_theirs(shop: Shop) -> None:
    order = await shop.reserve()
    await shop.till.push()
    for stranger in (shop.seller, await make_holder(shop.till.commands)):
        with pytest.raises(OrderNotFound):
            await shop.cancel(order, stranger)

    cancelled = await shop.cancel(order)
    with pytest.raises(OrderNotCancellable):
        await shop.cancel(order)
    assert (cancelled.status, cancelled.cancel_reason) == (OrderStatus.CANCELLED, "Cancelled by the customer.")
    assert order.payment_id is not None
    assert await shop.till.state(order.payment_id) is PaymentState.CANCELLED
    assert await shop.stock() == 2
    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await shop.require_money_is_the_customers(order)


async def test_a_paid_order_is_not_cancelled_and_a_waiting_one_not_refunded(shop: Shop) -> None:
    order = await shop.reserve()
    with pytest.raises(OrderNotRefundable):
        await refunded(shop, order)
    await shop.till.push()
    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()
    with pytest.raises(OrderNotCancellable):
        await shop.cancel(order)
    rich = await make_holder(shop.till.commands, PRICE)
    from_wallet = await buy(shop.till.commands, rich, shop.product.id, PRICE)
    with pytest.raises(OrderNotCancellable):
        await shop.cancel(from_wallet, rich)

    assert [(await shop.order(each)).status for each in (order, from_wallet)] == [OrderStatus.DELIVERED] * 2


async def test_of_cancels_at_once_the_first_ends_it_and_the_others_are_told_that_it_has_ended(shop: Shop) -> None:
    order = await shop.reserve()

    told = await asyncio.gather(*(shop.cancel(order) for _ in range(4)), return_exceptions=True)

    assert Counter(type(each) for each in told) == {Order: 1, OrderNotCancellable: 3}
    assert await shop.stock() == 2


async def refunded(shop: Shop, order: Order) -> Order:
    async with shop.till.commands.by(shop.seller) as uow:
        return await refund_order(uow, order_id=order.id, reason="It did not work.")


async def test_a_refund_of_what_came_by_a_rail_goes_into_the_wallet(shop: Shop) -> None:
    order = await shop.reserve()
    await shop.till.push()
    await shop.till.call_back(shop.till.prompt)
    await shop.till.run_everything()

    await refunded(shop, order)
    with pytest.raises(OrderNotRefundable):
        await refunded(shop, order)

    assert await shop.till.shillings_of(shop.amina) == PRICE.minor
    assert await balance(shop.till.commands, chart.merchant_payable(shop.merchant.id)) == usdt(0)
    assert await balance(shop.till.commands, chart.platform_revenue()) == usdt(0)
    assert await balance(shop.till.commands, chart.rail("mpesa", Asset.KES)) == kes(-PRICE.minor)
    assert (await verified(shop.till.commands)).is_sound


@pytest.mark.parametrize("by", ["order", "payment"])
async def test_a_cancel_and_a_payment_at_once_deliver_once_or_credit_once(shop: Shop, by: str) -> None:
    ends: Counter[str] = Counter()
    for number in range(6):
        buyer = await make_holder(shop.till.commands)
        await make_room(shop)
        order = await shop.reserve(buyer, phone=f"+25470837415{number}")
        assert order.payment_id is not None
        await shop.till.push()
        await shop.till.call_back(list(shop.till.daraja.prompts.values())[-1])

        async def cancel(order: Order, buyer: Actor) -> None:
            assert order.payment_id is not None
            try:
                if by == "order":
                    await shop.cancel(order, buyer)
                else:
                    async with shop.till.commands.by(buyer) as uow:
                        await cancel_payment(uow, payment_id=order.payment_id)
            except (OrderNotCancellable, PaymentAlreadyEnded):
                return

        await asyncio.gather(cancel(order, buyer), shop.till.take_in(), shop.till.follow())
        await shop.till.run_everything()
        end = (await shop.order(order)).status
        assert end in (OrderStatus.DELIVERED, OrderStatus.CANCELLED)
        paid_back = await shop.till.shillings_of(buyer)
        assert paid_back == (0 if end is OrderStatus.DELIVERED else PRICE.minor)
        ends[end.value] += 1

    owed = await balance(shop.till.commands, chart.merchant_payable(shop.merchant.id))
    assert owed == usdt((VALUE - FEE).minor * ends["DELIVERED"])
    assert await balance(shop.till.commands, chart.rail("mpesa", Asset.KES)) == kes(-6 * PRICE.minor)
    assert (await verified(shop.till.commands)).is_sound


async def make_room(shop: Shop) -> None:
    """Another product with one code, so that each has its own."""
    shop.product = await make_product(shop.till.commands, shop.gateways, shop.seller, shop.merchant, PRICE)


async def test_two_hundred_buyers_of_ten_codes_get_ten_whichever_way_they_pay(shop: Shop) -> None:
    shop.product = await make_product(shop.till.commands, shop.gateways, shop.seller, shop.merchant, PRICE, stock=10)
    buyers = [await make_holder(shop.till.commands, PRICE) for _ in range(20)]

    async def once(number: int) -> str:
        buyer = buyers[number % 20]
        try:
            if number % 2:
                await buy(shop.till.commands, buyer, shop.product.id, PRICE)
                return "bought"
            await shop.reserve(buyer, phone=f"+254708374{number:03}")
        except DomainError as refusal:
            return type(refusal).__name__
        return "set aside"

    ends = Counter(await asyncio.gather(*(once(number) for number in range(200))))

    assert ends["bought"] + ends["set aside"] == 10
    assert set(ends) <= {
        "bought",
        "set aside",
        "OutOfStock",
        "InsufficientFunds",
        "TooManyReserved",
        "Overloaded",
        "ConcurrentChange",
    }
    assert await shop.stock() == 0
    shop.till.commands.later(timedelta(minutes=16))
    await shop.till.run_everything()
    assert await shop.stock() == ends["set aside"]
    assert (await verified(shop.till.commands)).is_sound


async def test_one_customer_has_three_of_a_product_set_aside(shop: Shop) -> None:
    shop.product = await make_product(shop.till.commands, shop.gateways, shop.seller, shop.merchant, PRICE, stock=9)

    async def once(number: int) -> str:
        try:
            await shop.reserve(phone=f"+2547083742{number:02}")
        except DomainError as refusal:
            return type(refusal).__name__
        return "set aside"

    ends = Counter(await asyncio.gather(*(once(number) for number in range(5))))

    assert ends == {"set aside": RESERVED_MAX, TooManyReserved.__name__: 2}
    assert await shop.stock() == 9 - RESERVED_MAX


async def test_refusals_set_nothing_aside(shop: Shop) -> None:
    commands = shop.till.commands
    cents = await make_product(commands, shop.gateways, shop.seller, shop.merchant, kes(150))
    in_points = await make_product(commands, shop.gateways, shop.seller, shop.merchant, Money(300, Asset.POINTS))
    gone = await make_product(commands, shop.gateways, shop.seller, shop.merchant, PRICE, stock=0)

    for product, price, refusal in (
        (shop.product, kes(100), PriceChanged),
        (cents, cents.price, InvalidInput),
        (in_points, in_points.price, InvalidInput),
        (gone, PRICE, OutOfStock),
    ):
        with pytest.raises(refusal):
            await reserve(commands, shop.amina, product.id, price, by_phone())
    with pytest.raises(OwnProduct):
        await shop.reserve(shop.seller)
    with pytest.raises(CouponNotFound):
        async with commands.by(shop.amina) as uow:
            await reserve_order(
                uow, product_id=shop.product.id, price=PRICE, terms=TERMS, way=by_phone(), coupon_code="KARIBU"
            )

    await shop.till.run_everything()
    assert shop.till.daraja.prompts == {}
    assert await shop.stock() == 2
    for name in ("order.updated", "payment.updated"):
        assert await commands.events(name) == []
    assert (await wallet(commands, shop.amina)).balance == kes(0)

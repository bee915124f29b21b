"""An order and a tip by card: given once they are paid, and not when they are not."""

from __future__ import annotations

from db.reads.orders import order_by_id
from db.reads.products import stock_of
from db.reads.tips import tip_by_id
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.ledger import chart
from domain.orders.order import Order, OrderStatus
from domain.payments.requesting import Way
from domain.payments.state import PaymentState, Rail
from domain.tips.giving import ByWorker, promise_tip
from domain.tips.tip import TipState
from jobs.follow_payments import follow_payments
from tests.makers.checkouts import CardDesk
from tests.makers.orders import make_merchant, make_product, reserve
from tests.makers.tips import make_worker
from tests.makers.wallets import balance, kes, make_holder, verified

PRICE = kes(129_300)
BY_CARD = Way(rail=Rail.CARD, open_rails=frozenset(Rail))


async def order_of(cards: CardDesk, order: Order) -> Order:
    async with cards.commands.database.read() as connection:
        found = await order_by_id(connection, order.id)
    assert found is not None
    return found


async def reserved(cards: CardDesk, gateways: Gateways, buyer: Actor) -> Order:
    seller = await make_holder(cards.commands)
    merchant = await make_merchant(cards.commands, seller)
    product = await make_product(cards.commands, gateways, seller, merchant, PRICE)
    order = await reserve(cards.commands, buyer, product.id, PRICE, BY_CARD)
    await cards.work()
    return order


async def test_an_order_is_delivered_once_the_card_paid_it(cards: CardDesk, payer: Actor, gateways: Gateways) -> None:
    order = await reserved(cards, gateways, payer)
    assert (await order_of(cards, order)).status is OrderStatus.AWAITING_PAYMENT
    await cards.stripe.confirm(cards.intent, "pm_card_visa", callbacks=2)
    await cards.take_in()

    assert (await order_of(cards, order)).status is OrderStatus.DELIVERED
    assert cards.intent.currency == "kes"
    assert (await balance(cards.commands, chart.merchant_payable(order.merchant_id))).is_positive
    assert (await verified(cards.commands)).is_sound


async def test_an_order_whose_card_is_declined_is_for_sale_again(
    cards: CardDesk, payer: Actor, gateways: Gateways
) -> None:
    order = await reserved(cards, gateways, payer)
    await cards.pay("pm_card_visa_chargeDeclined")
    cards.later(hours=1)
    await cards.run_everything()
    await follow_payments(cards.parts)

    assert (await order_of(cards, order)).status is OrderStatus.CANCELLED
    async with cards.commands.database.read() as connection:
        assert await stock_of(connection, [order.product_id]) == {order.product_id: 1}
    await cards.require_nothing_moved()


async def test_a_tip_is_the_workers_once_the_card_paid_it(cards: CardDesk, payer: Actor, gateways: Gateways) -> None:
    otieno = await make_holder(cards.commands)
    worker = await make_worker(cards.commands, otieno)
    async with cards.commands.by(payer) as uow:
        tip = await promise_tip(uow, gateways, to=ByWorker(worker.id), amount=kes(5_000), note=None, way=BY_CARD)
    await cards.work()
    await cards.pay()

    async with cards.commands.database.read() as connection:
        given = await tip_by_id(connection, tip.id)
    assert given is not None
    assert given.state is TipState.PAID
    assert tip.payment_id is not None
    assert await cards.state(tip.payment_id) is PaymentState.PAID
    assert await balance(cards.commands, chart.user_wallet(otieno.user_id, PRICE.asset)) == kes(5_000)
    assert await cards.bookings() == 1

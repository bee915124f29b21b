"""A product that is a file never runs out; who buys it keeps the file that it was."""

from __future__ import annotations

import pytest

from domain.errors import QuotaExceeded
from domain.fulfilment import receive_payment
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import PaymentId
from domain.ledger import chart
from domain.merchants.merchant import Merchant
from domain.money import Money
from domain.orders.awaiting import cancel_order
from domain.orders.order import OrderStatus
from domain.payments.bank_transfers import verify_bank_transfer
from domain.payments.requesting import Way
from domain.payments.state import Rail
from domain.products.errors import NotDeliveredSo, OutOfStock, ProductNotFound
from domain.products.stocking import FILES_PER_DAY, add_codes
from domain.tips.giving import ByWorker, promise_tip
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, give_file, make_download, make_merchant, make_product, reserve
from tests.makers.payments import ACCOUNT, arrive
from tests.makers.tips import make_worker
from tests.makers.wallets import balance, kes, make_holder, points, usdt, verified

PRICE = points(300)


async def market(commands: Commands) -> tuple[Actor, Merchant]:
    await observe(commands)
    seller = await make_holder(commands)
    return seller, await make_merchant(commands, seller)


async def test_everybody_who_pays_gets_it_and_it_never_runs_out(commands: Commands) -> None:
    seller, merchant = await market(commands)
    product = await make_download(commands, seller, merchant, PRICE)
    buyers = [await make_holder(commands, PRICE) for _ in range(3)]

    orders = [await buy(commands, buyer, product.id, PRICE) for buyer in buyers]

    assert [(order.status, order.code_id, order.file_id) for order in orders] == [
        (OrderStatus.DELIVERED, None, product.file_id)
    ] * 3
    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(3 * 2_850_000)
    assert (await verified(commands)).is_sound


async def test_who_bought_keeps_the_file_that_they_bought(commands: Commands) -> None:
    seller, merchant = await market(commands)
    product = await make_download(commands, seller, merchant, PRICE)
    first = await buy(commands, await make_holder(commands, PRICE), product.id, PRICE)

    changed = await give_file(commands, seller, product, b"%PDF-1.7 second edition")
    second = await buy(commands, await make_holder(commands, PRICE), product.id, PRICE)

    assert first.file_id == product.file_id != changed.file_id == second.file_id
    assert changed.version == product.version + 1


async def test_without_a_file_it_is_not_sold(commands: Commands) -> None:
    seller, merchant = await market(commands)
    product = await make_download(commands, seller, merchant, PRICE, content=None)

    with pytest.raises(OutOfStock):
        await buy(commands, await make_holder(commands, PRICE), product.id, PRICE)

    assert await balance(commands, chart.merchant_payable(merchant.id)) == usdt(0)
    assert await commands.events("order.updated") == []


async def test_codes_and_files_are_not_mixed_up(commands: Commands, gateways: Gateways) -> None:
    seller, merchant = await market(commands)
    file, codes = (
        await make_download(commands, seller, merchant, PRICE),
        await make_product(commands, gateways, seller, merchant, PRICE),
    )

    with pytest.raises(NotDeliveredSo):
        await give_file(commands, seller, codes)
    with pytest.raises(NotDeliveredSo):
        async with commands.by(seller) as uow:
            await add_codes(uow, gateways, product_id=file.id, codes=["AB-1"])
    with pytest.raises(ProductNotFound):
        await give_file(commands, await make_holder(commands), file)

    order = await buy(commands, await make_holder(commands, PRICE), file.id, PRICE)
    assert (order.code_id, order.file_id) == (None, file.file_id)


async def test_twenty_files_a_day_are_kept(commands: Commands) -> None:
    seller, merchant = await market(commands)
    product = await make_download(commands, seller, merchant, PRICE)
    for number in range(FILES_PER_DAY - 1):
        product = await give_file(commands, seller, product, f"%PDF {number}".encode())

    with pytest.raises(QuotaExceeded):
        await give_file(commands, seller, product)

    assert product.version == FILES_PER_DAY


async def test_by_a_rail_it_is_delivered_once_paid_and_never_when_cancelled(commands: Commands) -> None:
    seller, merchant = await market(commands)
    amina, price = await make_holder(commands), kes(129_300)
    product = await make_download(commands, seller, merchant, price)
    by_bank = Way(rail=Rail.BANK_TRANSFER, open_rails=frozenset(Rail), bank_account=ACCOUNT)

    paid, unwanted = [await reserve(commands, amina, product.id, price, by_bank) for _ in range(2)]
    async with commands.by(amina) as uow:
        cancelled = await cancel_order(uow, order_id=unwanted.id)
    assert paid.payment_id is not None
    async with commands.by_system() as uow:
        intent = await uow.payments.get_for_update(paid.payment_id)
    await arrive(commands, intent)

    async with commands.by_system() as uow:
        delivered = await uow.orders.get_for_update(paid.id)
    assert (delivered.status, delivered.file_id) == (OrderStatus.DELIVERED, product.file_id)
    assert (cancelled.status, cancelled.file_id) == (OrderStatus.CANCELLED, None)


async def said_to_be_there(commands: Commands, clerk: Actor, payment_id: PaymentId, amount: Money) -> None:
    async with commands.by(clerk) as uow:
        receipt = await verify_bank_transfer(uow, payment_id=payment_id, amount=amount, statement_reference="FT1")
        await receive_payment(uow, receipt)


@pytest.mark.parametrize("purpose", ["order", "tip"])
async def test_nobody_of_finance_says_that_money_came_which_would_be_theirs(
    commands: Commands, gateways: Gateways, purpose: str
) -> None:
    await observe(commands)
    clerk, amina = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands)
    price: Money = kes(129_300)
    by_bank = Way(rail=Rail.BANK_TRANSFER, open_rails=frozenset(Rail), bank_account=ACCOUNT)
    if purpose == "order":
        product = await make_download(commands, clerk, await make_merchant(commands, clerk), price)
        payment_id = (await reserve(commands, amina, product.id, price, by_bank)).payment_id
    else:
        worker = await make_worker(commands, clerk)
        async with commands.by(amina) as uow:
            tip = await promise_tip(uow, gateways, to=ByWorker(worker.id), amount=price, note=None, way=by_bank)
        payment_id = tip.payment_id
    assert payment_id is not None

    with pytest.raises(OwnAccount):
        await said_to_be_there(commands, clerk, payment_id, price)

    assert await balance(commands, chart.user_wallet(clerk.user_id, price.asset)) == kes(0)
    assert await balance(commands, chart.platform_revenue()) == usdt(0)
    async with commands.by_system() as uow:
        intent = await uow.payments.get_for_update(payment_id)
    assert not intent.state.is_ended
    await arrive(commands, intent)

"""A product is bought by M-Pesa over HTTP: set aside, paid on the phone, delivered, owed to its merchant; all live."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller, Listening
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.phones import PHONES, behave, prompted
from tests.flows.shops import ORDER_EVENTS, Shop, open_shop

PLACE = """
mutation($input: OrderPlaceInput!) { orderPlace(input: $input) {
  order { id status code payment { id state purpose } } errors { message reason } } }
"""
CANCEL = """
mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { status cancelReason } errors { message reason } } }
"""
ONE = "query($id: ID!) { order(id: $id) { status code cancelReason payment { state } product { stock } } }"
PAYABLE = "query($id: ID!) { merchant(id: $id) { payable { amount asset } } }"
PRICE = {"amount": "129.00", "asset": "KES"}
NUMBERS = iter(range(1, 100))


@pytest.fixture
async def buyer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


@pytest.fixture
async def shop(market: Market, http: aiohttp.ClientSession, finance: Caller) -> Shop:
    return await open_shop(market, http, finance, price=PRICE, codes=[f"MPESA-{next(NUMBERS)}"])


async def place(buyer: Caller, shop: Shop, phone: int) -> Any:
    given = {"productId": shop.product_id, "price": PRICE, "rail": "MPESA", "phone": f"+{phone}"}
    return (await buyer.do(PLACE, input=given | {"idempotencyKey": str(phone)}))["order"]


async def states_until(listening: Listening, last: str) -> list[str]:
    heard = [(await listening.next())["order"]["status"]]
    while heard[-1] != last:
        heard.append((await listening.next())["status"])
    return heard


async def test_from_the_wish_to_the_code_and_the_merchants_payable(
    market: Market, http: aiohttp.ClientSession, buyer: Caller, shop: Shop
) -> None:
    phone = next(PHONES)
    await behave(market, http, after_seconds=1.0)
    order = await place(buyer, shop, phone)
    assert (order["status"], order["code"]) == ("AWAITING_PAYMENT", None)
    assert (order["payment"]["purpose"], order["payment"]["state"]) == ("ORDER", "REQUESTED")
    async with buyer.at(market.urls["b"]).socket() as buying, shop.seller.socket() as selling:
        streams = [await side.listen(ORDER_EVENTS, id=order["id"]) for side in (buying, selling)]

        heard = [await states_until(stream, "DELIVERED") for stream in streams]

    assert heard == [["AWAITING_PAYMENT", "DELIVERED"]] * 2
    assert (await prompted(market, http, phone))["amount"] == 129
    delivered = await buyer.run(ONE, id=order["id"])
    assert delivered["code"].startswith("MPESA-")
    assert (delivered["payment"], delivered["product"]) == ({"state": "PAID"}, {"stock": 0})
    sold = await shop.seller.run(ONE, id=order["id"])
    assert (sold["code"], sold["payment"]) == (None, None)
    payable = (await shop.seller.run(PAYABLE, id=shop.merchant_id))["payable"]
    assert payable == {"amount": "0.948161", "asset": "USDT"}


async def test_what_is_not_paid_is_for_sale_again(
    market: Market, http: aiohttp.ClientSession, buyer: Caller, shop: Shop
) -> None:
    phone = next(PHONES)
    await behave(market, http, code="1032", after_seconds=0.5)
    order = await place(buyer, shop, phone)
    assert (await buyer.run(ONE, id=order["id"]))["product"] == {"stock": 0}
    async with buyer.socket() as buying:
        stream = await buying.listen(ORDER_EVENTS, id=order["id"])

        heard = await states_until(stream, "CANCELLED")

    assert heard[-1] == "CANCELLED"
    assert await buyer.run(ONE, id=order["id"]) == {
        "status": "CANCELLED",
        "code": None,
        "cancelReason": "The payment was cancelled.",
        "payment": {"state": "CANCELLED"},
        "product": {"stock": 1},
    }


async def test_an_order_that_is_cancelled_is_not_waited_for(
    market: Market, http: aiohttp.ClientSession, buyer: Caller, shop: Shop
) -> None:
    phone = next(PHONES)
    await behave(market, http, silent=True, callbacks=0)
    order = await place(buyer, shop, phone)
    await prompted(market, http, phone)

    cancelled = await buyer.do(CANCEL, input={"orderId": order["id"]})
    again = await buyer.run(CANCEL, input={"orderId": order["id"]})

    assert cancelled["order"] == {"status": "CANCELLED", "cancelReason": "Cancelled by the customer."}
    assert [error["reason"] for error in again["errors"]] == ["ORDER_NOT_CANCELLABLE"]
    assert (await buyer.run(ONE, id=order["id"]))["product"] == {"stock": 1}

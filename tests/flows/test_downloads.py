"""A file is sold over HTTP: judged by its bytes, and read by who paid for it until they have their money back."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in, fund
from tests.flows.shops import ERRORS, PRODUCT, Shop, open_shop

PUT = """
mutation($input: ProductFilePutInput!) { productFilePut(input: $input) {
  product { id delivery stock version } errors { __typename reason path } } }
"""
PLACE = f"""
mutation($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{
  order {{ id status code file {{ contentType sizeBytes link }} }} {ERRORS} }} }}
"""
REFUND = f"""
mutation($input: OrderRefundInput!) {{ orderRefund(input: $input) {{ order {{ file {{ link }} }} {ERRORS} }} }}
"""
ONE = "query($id: ID!) { order(id: $id) { status file { contentType sizeBytes link } } }"
PDF = b"%PDF-1.7\n" + b"a book " * 100
PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(64)
PRICE = {"amount": "129.25", "asset": "KES"}
NUMBERS = iter(range(1, 100))


@pytest.fixture
async def shop(market: Market, http: aiohttp.ClientSession, finance: Caller) -> Shop:
    """One that sells a file, which is not there yet."""
    opened = await open_shop(market, http, finance, price=PRICE, codes=[f"BOOK-{next(NUMBERS)}"])
    offer = {"merchantId": opened.merchant_id, "title": "A book", "price": PRICE, "delivery": "FILE"}
    product = (await opened.seller.do(PRODUCT, input=offer))["product"]["id"]
    return Shop(opened.seller, opened.merchant_id, product)


@pytest.fixture
async def buyer(market: Market, http: aiohttp.ClientSession, finance: Caller) -> Caller:
    somebody = await come_in(market, http)
    await fund(finance, somebody, "500.00")
    return somebody


async def place(buyer: Caller, shop: Shop, key: str) -> Any:
    return await buyer.run(PLACE, input={"productId": shop.product_id, "price": PRICE, "idempotencyKey": key})


async def test_who_paid_reads_it_until_the_refund_and_nobody_else(
    market: Market, http: aiohttp.ClientSession, shop: Shop, buyer: Caller
) -> None:
    early = await place(buyer, shop, "early")
    assert [error["reason"] for error in early["errors"]] == ["OUT_OF_STOCK"]
    put = await shop.seller.send_file(PUT, PDF, filename="book.pdf", productId=shop.product_id)
    assert put["product"] == {"id": shop.product_id, "delivery": "FILE", "stock": None, "version": 1}

    bought = await place(buyer, shop, "k1")
    again = await place(buyer, shop, "k1")

    order = bought["order"]
    assert (order["status"], order["code"]) == ("DELIVERED", None)
    assert again["order"]["id"] == order["id"]
    assert (order["file"]["contentType"], order["file"]["sizeBytes"]) == ("application/pdf", len(PDF))
    async with http.get(f"{buyer.url}{order['file']['link']}") as response:
        assert (response.status, response.content_type, await response.read()) == (200, "application/pdf", PDF)
    assert (await shop.seller.run(ONE, id=order["id"])) == {"status": "DELIVERED", "file": None}
    link: str = order["file"]["link"]
    for forged in (link.partition("?")[0], link.replace("until=", "until=9"), link[:-2]):
        async with http.get(f"{buyer.url}{forged}") as response:
            assert response.status == 404, forged
    undo = {"orderId": order["id"], "reason": "A page is missing.", "idempotencyKey": "undo"}
    await shop.seller.do(REFUND, input=undo)
    assert (await buyer.run(ONE, id=order["id"])) == {"status": "REFUNDED", "file": None}
    assert (await place(buyer, shop, "k1"))["order"]["file"] is None


async def test_a_program_is_no_book_and_kept_nowhere(market: Market, shop: Shop, buyer: Caller) -> None:
    content = PROGRAM + shop.product_id.encode()

    refused = await shop.seller.send_file(PUT, content, filename="book.pdf", productId=shop.product_id)
    stranger = await buyer.send_file(PUT, PDF + shop.product_id.encode(), filename="b.pdf", productId=shop.product_id)

    assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [("ValidationError", ["file"])]
    assert [error["__typename"] for error in stranger["errors"]] == ["NotFoundError"]
    kept = [path.read_bytes() for path in market.folder.rglob("upl_*")]
    assert [one for one in kept if one.endswith(shop.product_id.encode())] == []
    assert [error["reason"] for error in (await place(buyer, shop, "k1"))["errors"]] == ["OUT_OF_STOCK"]

"""Shops over HTTP: a merchant registers, finance lets it in, and it offers a product with a stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import aiohttp

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import sign_in

ERRORS: Final = "errors { __typename message reason }"
MERCHANT: Final = f"""
mutation($input: MerchantRegisterInput!) {{ merchantRegister(input: $input) {{ merchant {{ id }} {ERRORS} }} }}
"""
VERIFY: Final = f"""
mutation($input: MerchantVerifyInput!) {{ merchantVerify(input: $input) {{ merchant {{ status }} {ERRORS} }} }}
"""
PRODUCT: Final = f"""
mutation($input: ProductCreateInput!) {{ productCreate(input: $input) {{ product {{ id }} {ERRORS} }} }}
"""
CODES: Final = f"""
mutation($input: ProductCodesAddInput!) {{ productCodesAdd(input: $input) {{ product {{ stock }} {ERRORS} }} }}
"""
ORDER: Final = f"""
mutation($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{
  order {{ id code fee {{ amount }} }} {ERRORS} }} }}
"""
ORDER_EVENTS: Final = """
subscription($id: ID!) { orderEvents(orderId: $id) {
  __typename ... on OrderSnapshot { order { status code } } ... on OrderUpdated { type status } } }
"""


@dataclass(frozen=True)
class Shop:
    """A merchant that sells one product."""

    seller: Caller
    merchant_id: str
    product_id: str


async def open_shop(
    market: Market, http: aiohttp.ClientSession, finance: Caller, *, price: dict[str, str], codes: Sequence[str]
) -> Shop:
    """Somebody new sells; their caller asks the second process."""
    nobody, address = Caller(http, market.urls["a"]), f"seller.{id(http)}.{codes[0]}@flows.sokoni.example".lower()
    seller = replace(nobody, token=(await sign_in(market, nobody, address))["accessToken"])
    merchant = (await seller.do(MERCHANT, input={"name": "Duka la Vitabu"}))["merchant"]["id"]
    await finance.do(VERIFY, input={"merchantId": merchant, "reason": "Papers seen"})
    # Whoever becomes a merchant goes on with a token that says so.
    seller = replace(nobody, url=market.urls["b"], token=(await sign_in(market, nobody, address))["accessToken"])
    offer = {"merchantId": merchant, "title": "Airtime voucher", "price": price}
    product = (await seller.do(PRODUCT, input=offer))["product"]["id"]
    await seller.do(CODES, input={"productId": product, "codes": list(codes)})
    return Shop(seller, merchant, product)

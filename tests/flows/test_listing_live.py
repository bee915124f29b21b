"""A moderator decides at one process; the seller and a city hear it at another."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.documents import (
    CATEGORIES,
    LISTING,
    LISTING_APPROVE,
    LISTING_CREATE,
    LISTING_EVENTS,
    LISTING_REJECT,
)
from tests.flows.market import Market
from tests.flows.people import come_in


async def offer(seller: Caller, *, city: str) -> str:
    categories: Any = await seller.run(CATEGORIES)
    given = {
        "title": "A table of mahogany",
        "city": city,
        "price": {"amount": "4500.00", "asset": "KES"},
        "categoryId": categories[0]["children"][0]["id"],
    }
    payload = await seller.do(LISTING_CREATE, input=given)
    return str(payload["listing"]["id"])


@pytest.fixture
async def seller(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def test_an_approval_reaches_the_seller_and_the_citys_feed(
    market: Market, http: aiohttp.ClientSession, seller: Caller, moderator: Caller
) -> None:
    listing = await offer(seller, city="Lamu")
    passer_by = Caller(http, market.urls["b"])
    async with seller.at(market.urls["b"]).socket() as sellers, passer_by.socket() as strangers:
        at_home = await sellers.listen(LISTING_EVENTS, id=listing)
        in_lamu = await strangers.listen(LISTING_EVENTS, filter={"city": "lamu"})
        in_thika = await strangers.listen(LISTING_EVENTS, filter={"city": "Thika"})
        assert (await at_home.next())["listing"] == {"status": "PENDING"}
        assert (await in_lamu.next())["__typename"] == "ListingFeedSnapshot"
        assert (await in_thika.next())["__typename"] == "ListingFeedSnapshot"

        decided = await moderator.do(LISTING_APPROVE, input={"listingId": listing})

        for heard in (await at_home.next(), await in_lamu.next()):
            assert heard["__typename"] == "ListingUpdated"
            assert heard["type"] == "listings.update"
            assert heard["listingId"] == listing
            assert heard["status"] == "ACTIVE"
            assert heard["expiryAt"] == decided["listing"]["expiresAt"]
        await in_thika.silence()
    assert (await passer_by.run(LISTING, id=listing))["status"] == "ACTIVE"


async def test_a_rejection_hides_the_listing_and_tells_the_seller_why(
    market: Market, http: aiohttp.ClientSession, seller: Caller, moderator: Caller
) -> None:
    listing = await offer(seller, city="Lamu")
    passer_by = Caller(http, market.urls["b"])
    async with seller.at(market.urls["b"]).socket() as sellers, passer_by.socket() as strangers:
        at_home = await sellers.listen(LISTING_EVENTS, id=listing)
        in_lamu = await strangers.listen(LISTING_EVENTS, filter={"city": "Lamu"})
        await at_home.next()
        await in_lamu.next()

        await moderator.do(LISTING_REJECT, input={"listingId": listing, "reason": "No photo of the item."})

        heard = await at_home.next()
        assert (heard["status"], heard["statusReason"]) == ("REJECTED", "No photo of the item.")
        await in_lamu.silence()
    hidden = await passer_by.ask(LISTING, id=listing)
    assert hidden["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    own = await seller.run(LISTING, id=listing)
    assert own == {"id": listing, "status": "REJECTED", "rejectionReason": "No photo of the item."}


async def test_two_moderators_at_two_processes_decide_once(market: Market, seller: Caller, moderator: Caller) -> None:
    listing = await offer(seller, city="Lamu")

    answers = await asyncio.gather(
        *(
            caller.run(LISTING_APPROVE, input={"listingId": listing})
            for caller in (moderator, moderator.at(market.urls["b"]))
        )
    )

    refused = [error for answer in answers for error in answer["errors"]]
    assert [error["__typename"] for error in refused] == ["ConflictError"]
    assert [answer["listing"]["status"] for answer in answers if answer["listing"]] == ["ACTIVE"]


async def test_a_strangers_listing_that_waits_cannot_be_listened_to(
    market: Market, http: aiohttp.ClientSession, seller: Caller
) -> None:
    listing = await offer(seller, city="Lamu")
    async with (await come_in(market, http)).socket() as strangers:
        refused = await (await strangers.listen(LISTING_EVENTS, id=listing)).next()

    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"

"""The market as rows of the driver: the same listings in the same order as the entities, each with who offers it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.reads.listings import market_page
from db.reads.market import listing_rows, market_rows
from domain.errors import InvalidInput
from domain.ids import ListingId, new_id
from domain.instants import instant_of
from domain.listings.search import ListingFilter, ListingSort, PriceRange
from domain.listings.shown import ShownListing
from domain.money import Asset, Money
from domain.page import PageRequest
from domain.quotas import Quotas
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person

EVERYTHING = ListingFilter()


async def fill(commands: Commands) -> ListingFilter:
    """Nine listings of three people; the filter finds four of them."""
    commands.quotas = Quotas(listing_creates_per_day=None)
    sellers = [await make_person(commands) for _ in range(3)]
    category, other = await make_category(commands), await make_category(commands, "boats")
    for number in range(9):
        asset = (Asset.KES, Asset.USDT)[number % 2]
        filed = other if number == 8 else category
        offer = details(filed.id, title=f"Bike {number}", price=Money(1_000 + number % 4, asset), city="Kisumu")
        await make_listing(commands, sellers[number % 3], offer)
        commands.later(timedelta(seconds=1))
    lowest, highest = Money(1_000, Asset.KES), Money(1_002, Asset.KES)
    price = PriceRange(asset=Asset.KES, lowest=lowest, highest=highest)
    return ListingFilter(city="kisumu", category_id=category.id, text="bike", price=price)


async def walk(commands: Commands, wanted: ListingFilter, sort: ListingSort, *, size: int) -> list[ShownListing]:
    """All pages, one after the other."""
    found: list[ShownListing] = []
    request = PageRequest(size)
    while True:
        page = await market_rows(commands.database.reads, wanted=wanted, sort=sort, page=request)
        assert all(row.person.id == row.seller_id for row in page.items)
        found += page.items
        if not page.has_next:
            return found
        request = PageRequest(size, page.keys[-1])


@pytest.mark.parametrize("sort", list(ListingSort))
@pytest.mark.parametrize("size", [2, 50])
async def test_the_pages_together_are_what_the_entities_are(commands: Commands, sort: ListingSort, size: int) -> None:
    narrow = await fill(commands)

    for wanted, count in ((EVERYTHING, 9), (narrow, 4)):
        async with commands.database.read() as connection:
            page = await market_page(connection, wanted=wanted, sort=sort, page=PageRequest(50))
        rows = await walk(commands, wanted, sort, size=size)

        assert [row.id for row in rows] == [listing.id for listing in page.items]
        assert len(rows) == count


async def test_a_row_shows_what_the_entity_shows(commands: Commands) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    waiting = await make_waiting_listing(commands, seller, details(category.id))

    rows = await listing_rows(commands.database.reads, [listing.id, waiting.id, ListingId(new_id())])

    assert rows.keys() == {listing.id, waiting.id}
    row = rows[listing.id]
    assert listing.expires_at is not None
    assert row.expires_at is not None
    assert instant_of(row.expires_at) == listing.expires_at
    assert instant_of(row.created_at) == listing.created_at
    assert rows[waiting.id].expires_at is None
    same = (
        "seller_id",
        "title",
        "description",
        "price_minor",
        "price_asset",
        "category_id",
        "city",
        "status",
        "version",
    )
    assert [getattr(row, name) for name in same] == [getattr(listing, name) for name in same]
    assert (row.person.id, row.person.display_name, row.person.is_blocked(commands.now)) == (
        seller.user_id,
        "Wanjiru",
        False,
    )


async def test_a_cursor_of_another_order_is_refused(commands: Commands) -> None:
    await fill(commands)
    first = await market_rows(
        commands.database.reads, wanted=EVERYTHING, sort=ListingSort.PRICE_ASC, page=PageRequest(2)
    )

    with pytest.raises(InvalidInput):
        await market_rows(
            commands.database.reads,
            wanted=EVERYTHING,
            sort=ListingSort.NEWEST,
            page=PageRequest(2, first.keys[-1]),
        )

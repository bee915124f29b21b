"""The market's lists: who is in them, in which order, and that they stay whole while listings come and go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from db.reads.listings import listings_by_ids, market_page, queue_page, seller_page
from domain.catalog.category import Category
from domain.ids import CategoryId, new_id
from domain.listings.flag import FlagReason
from domain.listings.moderation import reject_listing
from domain.listings.reporting import flag_listing
from domain.listings.search import ListingFilter, ListingSort, PriceRange
from domain.listings.status import ListingStatus
from domain.listings.submission import delete_listing
from domain.money import Asset, Money
from domain.page import PageRequest
from domain.quotas import Quotas
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person

EVERYTHING = ListingFilter()


async def titles(
    commands: Commands, wanted: ListingFilter = EVERYTHING, sort: ListingSort = ListingSort.NEWEST
) -> list[str]:
    async with commands.database.read() as connection:
        page = await market_page(connection, wanted=wanted, sort=sort, page=PageRequest(50))
    return [listing.title for listing in page.items]


async def offer(commands: Commands, category: Category, *offers: tuple[str, Money, str]) -> None:
    """Listings of one seller a minute apart: title, price, city."""
    commands.quotas = Quotas(listing_creates_per_day=None)
    seller = await make_person(commands)
    for title, price, city in offers:
        await make_listing(commands, seller, details(category.id, title=title, price=price, city=city))
        commands.later(timedelta(minutes=1))


def kes(amount: str) -> Money:
    return Money.parse(amount, Asset.KES)


async def test_only_what_is_active_is_in_the_market(commands: Commands) -> None:
    category = await make_category(commands)
    seller = await make_person(commands)
    await make_listing(commands, seller, details(category.id, title="Active"))
    await make_waiting_listing(commands, seller, details(category.id, title="Waiting"))
    deleted = await make_listing(commands, seller, details(category.id, title="Deleted"))
    async with commands.by(seller) as uow:
        await delete_listing(uow, listing_id=deleted.id)
    rejected = await make_waiting_listing(commands, seller, details(category.id, title="Rejected"))
    async with commands.by_system() as uow:
        await reject_listing(uow, listing_id=rejected.id, reason="Doubtful")

    assert await titles(commands) == ["Active"]


async def test_a_city_is_found_however_it_is_typed(commands: Commands) -> None:
    category = await make_category(commands)
    await offer(
        commands, category, ("One", kes("1"), "Nairobi"), ("Two", kes("1"), "NAIROBI"), ("Three", kes("1"), "Mombasa")
    )

    assert await titles(commands, ListingFilter(city="nairobi")) == ["Two", "One"]
    assert await titles(commands, ListingFilter(city="Nair%")) == []


async def test_a_category_stands_for_everything_below_it(commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles")
    cars = await make_category(commands, "cars", parent=vehicles)
    lookalike = await make_category(commands, "vehicles-rented")
    await offer(commands, vehicles, ("Cart", kes("1"), "Nairobi"))
    await offer(commands, cars, ("Car", kes("1"), "Nairobi"))
    await offer(commands, lookalike, ("Rented", kes("1"), "Nairobi"))

    assert await titles(commands, ListingFilter(category_id=vehicles.id)) == ["Car", "Cart"]
    assert await titles(commands, ListingFilter(category_id=cars.id)) == ["Car"]
    assert await titles(commands, ListingFilter(category_id=CategoryId(new_id()))) == []


async def test_a_price_range_includes_its_ends_and_one_asset(commands: Commands) -> None:
    category = await make_category(commands)
    await offer(
        commands,
        category,
        ("Cheap", kes("9.99"), "Nairobi"),
        ("Low", kes("10"), "Nairobi"),
        ("High", kes("20"), "Nairobi"),
        ("Dear", kes("20.01"), "Nairobi"),
        ("Dollars", Money.parse("15", Asset.USD), "Nairobi"),
    )

    between = PriceRange.parse(Asset.KES, lowest="10", highest="20")
    assert await titles(commands, ListingFilter(price=between), ListingSort.PRICE_ASC) == ["Low", "High"]
    assert await titles(commands, ListingFilter(price=PriceRange(asset=Asset.USD))) == ["Dollars"]


async def test_prices_are_ordered_asset_by_asset(commands: Commands) -> None:
    category = await make_category(commands)
    await offer(
        commands,
        category,
        ("KES 5", kes("5"), "Nairobi"),
        ("USD 1", Money.parse("1", Asset.USD), "Nairobi"),
        ("KES 70", kes("70"), "Nairobi"),
        ("EUR 3", Money.parse("3", Asset.EUR), "Nairobi"),
    )

    rising = await titles(commands, sort=ListingSort.PRICE_ASC)

    assert rising == ["EUR 3", "KES 5", "KES 70", "USD 1"]
    assert await titles(commands, sort=ListingSort.PRICE_DESC) == rising[::-1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("bicycle", ["Red bicycle", "Lamp"]),
        ("BICYCLE red", ["Red bicycle"]),
        ("bicycle -red", ["Lamp"]),
        ('"for a bicycle"', ["Lamp"]),
        ("lamp or red", ["Red bicycle", "Lamp"]),
        ("bicycles", []),
        ("'; drop table listings; --", []),
        ("!!! ((", []),
    ],
)
async def test_words_are_searched_in_title_and_description(commands: Commands, wanted: str, found: list[str]) -> None:
    category = await make_category(commands)
    seller = await make_person(commands)
    await make_listing(commands, seller, details(category.id, title="Lamp", description="Light for a bicycle"))
    commands.later(timedelta(minutes=1))
    await make_listing(commands, seller, details(category.id, title="Red bicycle", description=""))

    assert await titles(commands, ListingFilter(text=wanted)) == found


async def test_all_that_is_asked_must_agree(commands: Commands) -> None:
    category = await make_category(commands)
    await offer(
        commands,
        category,
        ("Red bicycle", kes("10"), "Nairobi"),
        ("Red bicycle", kes("99"), "Nairobi"),
        ("Red bicycle", kes("10"), "Mombasa"),
        ("Blue bicycle", kes("10"), "Nairobi"),
    )
    wanted = ListingFilter(
        city="nairobi",
        category_id=category.id,
        price=PriceRange.parse(Asset.KES, lowest=None, highest="50"),
        text="red",
    )

    assert await titles(commands, wanted) == ["Red bicycle"]


@pytest.mark.parametrize("sort", list(ListingSort))
async def test_a_walk_shows_every_listing_once_while_others_arrive(commands: Commands, sort: ListingSort) -> None:
    category = await make_category(commands)
    offers = [(f"Thing {n}", kes(str(1 + n % 3)), "Nairobi") for n in range(7)]
    await offer(commands, category, *offers)

    seen: list[str] = []
    request = PageRequest(3)
    async with commands.database.read() as connection:
        while True:
            page = await market_page(connection, wanted=EVERYTHING, sort=sort, page=request)
            seen += [listing.title for listing in page.items]
            await offer(commands, category, ("Late", kes("2"), "Nairobi"))
            if not page.has_next or len(seen) > 20:
                break
            request = PageRequest(3, page.keys[-1])

    known = [title for title in seen if title != "Late"]
    assert sorted(known) == [title for title, _, _ in offers]


async def test_the_queue_shows_the_riskiest_first_then_who_waits_longest(commands: Commands) -> None:
    category = await make_category(commands)
    seller = await make_person(commands)
    flagged = await make_listing(commands, seller, details(category.id, title="Flagged"))
    commands.later(timedelta(minutes=1))
    for title in ("First", "Second"):
        await make_waiting_listing(commands, seller, details(category.id, title=title))
        commands.later(timedelta(minutes=1))
    for _ in range(3):
        async with commands.by(await make_person(commands)) as uow:
            await flag_listing(uow, listing_id=flagged.id, reason=FlagReason.OTHER)

    async with commands.database.read() as connection:
        first = await queue_page(connection, page=PageRequest(2))
        second = await queue_page(connection, page=PageRequest(2, first.keys[-1]))

    assert [listing.title for listing in first.items] == ["Flagged", "First"]
    assert [listing.title for listing in second.items] == ["Second"]
    assert (first.has_next, second.has_next) == (True, False)


async def test_a_seller_sees_only_their_own(commands: Commands) -> None:
    category = await make_category(commands)
    seller, other = await make_person(commands), await make_person(commands)
    await make_waiting_listing(commands, seller, details(category.id, title="Waiting"))
    commands.later(timedelta(minutes=1))
    await make_listing(commands, seller, details(category.id, title="Active"))
    await make_listing(commands, other, details(category.id, title="Foreign"))

    async with commands.database.read() as connection:
        own = await seller_page(connection, seller_id=seller.user_id, statuses=list(ListingStatus), page=PageRequest())
        active = await seller_page(
            connection, seller_id=seller.user_id, statuses=[ListingStatus.ACTIVE], page=PageRequest()
        )

    assert [listing.title for listing in own.items] == ["Active", "Waiting"]
    assert [listing.title for listing in active.items] == ["Active"]


async def test_what_is_read_equals_what_was_written(commands: Commands) -> None:
    category = await make_category(commands)
    listing = await make_listing(commands, await make_person(commands), details(category.id))

    async with commands.database.read() as connection:
        read = (await listings_by_ids(connection, [listing.id]))[listing.id]

    names = [name for name in vars(read) if not name.startswith("_")]
    assert {name: getattr(read, name) for name in names} == {name: getattr(listing, name) for name in names}
    assert len(names) == 17


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("price_minor = 0", "ck_listings_price_is_positive"),
        ("price_asset = 'GOLD'", "ck_listings_price_asset"),
        ("status = 'SOLD'", "ck_listings_status"),
        ("expires_at = null", "ck_listings_active_ends"),
        ("status = 'REJECTED'", "ck_listings_rejected_says_why"),
        ("risk_score = 101", "ck_listings_risk"),
        ("flags_since_approval = 1", "ck_listings_risk"),
        ("title = 'ab'", "ck_listings_words"),
    ],
)
async def test_the_table_keeps_the_rules_by_itself(commands: Commands, change: str, constraint: str) -> None:
    category = await make_category(commands)
    await make_listing(commands, await make_person(commands), details(category.id))

    with pytest.raises(Exception, match=constraint):
        async with commands.database.transaction() as connection:
            await connection.execute(text(f"update listings set {change}"))

    assert await titles(commands) == ["Mountain bike"]

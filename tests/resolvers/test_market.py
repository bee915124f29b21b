"""The market's lists through the API: signed cursors, page sizes, filters, and who may see which list."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from db.statements import R, Statement
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id
from domain.money import Asset, Money
from domain.quotas import Quotas
from tests.api import Api
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person
from tests.resolvers.listing_documents import MARKET, OWN, QUEUE, SHOWN, public_id


@pytest.mark.parametrize("document", [QUEUE, OWN])
async def test_the_queue_and_ones_own_list_are_not_for_everybody(api: Api, document: str) -> None:
    assert (await api.run(document)).codes == ["AUTHENTICATION_ERROR"]


async def test_ones_own_listings_in_pages_without_the_deleted_ones(api: Api, commands: Commands) -> None:
    seller, other = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    for number in range(3):
        listing = await make_waiting_listing(commands, seller, details(category.id, title=f"Thing {number}"))
        commands.later(timedelta(minutes=1))
    await make_listing(commands, other, details(category.id, title="Foreign"))
    await api.as_(seller).command("listingDelete", SHOWN, listingId=public_id(listing))

    first = (await api.as_(seller).ask(OWN, first=1))["viewer"]["listings"]
    second = (await api.as_(seller).ask(OWN, first=1, after=first["nextCursor"]))["viewer"]["listings"]
    deleted = (await api.as_(seller).ask(OWN, statuses=["DELETED"]))["viewer"]["listings"]
    by_other = await api.as_(other).run(OWN, first=1, after=first["nextCursor"])

    assert first["nodes"] + second["nodes"] == [
        {"title": "Thing 1", "status": "PENDING"},
        {"title": "Thing 0", "status": "PENDING"},
    ]
    assert second["nextCursor"] is None
    assert deleted["nodes"] == [{"title": "Thing 2", "status": "DELETED"}]
    assert by_other.codes == ["VALIDATION_ERROR"]


async def test_the_market_is_walked_by_signed_cursors(api: Api, commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    for number in range(5):
        await make_listing(commands, seller, details(category.id, title=f"Thing {number}"))
        commands.later(timedelta(minutes=1))

    seen, after = [], None
    for _ in range(3):
        page = (await api.ask(MARKET, first=2, after=after))["listings"]
        seen += [node["title"] for node in page["nodes"]]
        after = page["nextCursor"]

    assert seen == [f"Thing {number}" for number in (4, 3, 2, 1, 0)]
    assert after is None
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "endCursor": page["edges"][-1]["cursor"],
    }


async def test_a_cursor_that_was_forged_or_made_by_another_list_is_refused(api: Api, commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    for _ in range(2):
        await make_listing(commands, seller, details(category.id))
    cursor = (await api.ask(MARKET, first=1))["listings"]["nextCursor"]
    forged = ("A" if cursor[0] != "A" else "B") + cursor[1:]

    answers = [
        await api.run(MARKET, after=forged),
        await api.run(MARKET, after="not a cursor"),
        await api.run(MARKET, after=""),
        await api.run(MARKET, after=cursor, sort="PRICE_ASC"),
        await api.run(MARKET, after=cursor, filter={"city": "Nairobi"}),
    ]

    assert [answer.codes for answer in answers] == [["VALIDATION_ERROR"]] * 5
    assert {answer.errors[0]["message"] for answer in answers} == {"after is not a cursor of this list"}


@pytest.mark.parametrize("first", [0, -1, 51])
async def test_a_page_has_one_to_fifty_items(api: Api, first: int) -> None:
    answer = await api.run(MARKET, first=first)

    assert (answer.codes, answer.data) == (["VALIDATION_ERROR"], None)
    assert answer.errors[0]["extensions"]["faults"] == [{"path": ["first"], "message": "must be between 1 and 50"}]


async def test_a_page_is_twenty_items_when_nothing_is_said(api: Api, commands: Commands) -> None:
    commands.quotas = Quotas(listing_creates_per_day=None)
    seller = await make_person(commands)
    category = await make_category(commands)
    for _ in range(21):
        await make_listing(commands, seller, details(category.id))

    default, all_of_them = [(await api.ask(MARKET, first=first))["listings"] for first in (None, 50)]

    assert (len(default["nodes"]), default["pageInfo"]["hasNextPage"]) == (20, True)
    assert (len(all_of_them["nodes"]), all_of_them["nextCursor"]) == (21, None)


async def test_the_market_is_searched_by_everything_at_once(api: Api, commands: Commands) -> None:
    seller = await make_person(commands)
    vehicles = await make_category(commands, "vehicles")
    bicycles = await make_category(commands, "bicycles", parent=vehicles)
    for title, price, city in (
        ("Red bike", 100, "Nairobi"),
        ("Red bike", 900, "Nairobi"),
        ("Blue bike", 100, "Kisumu"),
    ):
        wanted = details(bicycles.id, title=title, price=Money(price * 100, Asset.KES), city=city)
        await make_listing(commands, seller, wanted)

    found = await api.ask(
        MARKET,
        sort="PRICE_ASC",
        filter={
            "city": "NAIROBI",
            "categoryId": encode_id(IdKind.CATEGORY, vehicles.id),
            "price": {"asset": "KES", "min": "50", "max": "500.00"},
            "text": "red",
        },
    )

    assert found["listings"]["nodes"] == [{"title": "Red bike"}]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"categoryId": "usr_1"}, ["filter", "categoryId"]),
        ({"price": {"asset": "KES", "min": "1.001"}}, ["filter", "price", "min"]),
        ({"price": {"asset": "KES", "min": "2", "max": "1"}}, ["filter", "price", "max"]),
        ({"text": "x" * 201}, ["filter", "text"]),
        ({"city": "x\u0000"}, ["filter", "city"]),
    ],
)
async def test_a_faulty_filter_is_refused(api: Api, wanted: dict[str, Any], path: list[str]) -> None:
    answer = await api.run(MARKET, filter=wanted)

    assert answer.codes == ["VALIDATION_ERROR"]
    assert [fault["path"] for fault in answer.errors[0]["extensions"]["faults"]] == [path]


async def test_the_queue_is_the_riskiest_first(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    risky = await make_listing(commands, seller, details(category.id, title="Risky"))
    commands.later(timedelta(minutes=1))
    await make_waiting_listing(commands, seller, details(category.id, title="Waiting"))
    for _ in range(3):
        await api.as_(await make_person(commands)).command(
            "listingFlag", SHOWN, listingId=public_id(risky), reason="SCAM"
        )

    first = (await api.as_(moderator).ask(QUEUE, first=1))["moderationQueue"]
    second = (await api.as_(moderator).ask(QUEUE, first=1, after=first["nextCursor"]))["moderationQueue"]

    assert (first["nodes"], second["nodes"]) == ([{"title": "Risky"}], [{"title": "Waiting"}])


async def test_sellers_and_categories_of_a_page_are_read_in_one_batch_each(
    api: Api, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        category = await make_category(commands, f"kind-{number}")
        await make_listing(commands, await make_person(commands), details(category.id))
    statements: list[str] = []
    event.listen(
        commands.database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *_: statements.append(statement),
    )
    fetch = commands.database.reads.fetch

    def noted(statement: Statement[R], values: Mapping[str, object]) -> Awaitable[list[R]]:
        statements.append(statement.text)
        return fetch(statement, values)

    monkeypatch.setattr(commands.database.reads, "fetch", noted)

    page = await api.ask("{ listings { nodes { seller { displayName } category { slug } } } }")

    assert [node["category"]["slug"] for node in page["listings"]["nodes"]] == ["kind-2", "kind-1", "kind-0"]
    assert {node["seller"]["displayName"] for node in page["listings"]["nodes"]} == {"Wanjiru"}
    reads = [statement for statement in statements if statement.startswith("SELECT")]
    tables = ("listings", "users", "categories")
    assert [sum(f"FROM {table}" in read or f"JOIN {table}" in read for read in reads) for table in tables] == [1, 1, 1]

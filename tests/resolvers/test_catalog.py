"""Categories through the API."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from domain.catalog.category import Category
from domain.catalog.curation import update_category
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from tests.api import Api
from tests.commands import Commands
from tests.makers.listings import make_category
from tests.makers.people import make_person

TREE = """
query($language: String, $parentId: ID) {
  categories(language: $language, parentId: $parentId) {
    slug name children { slug name level children { slug path children { slug } } }
  }
}"""
SHOWN = (
    "category { slug path level name names { language text } description sortOrder isActive version parent { slug } }"
)
BIKES = [{"language": "en", "text": "Bicycles"}, {"language": "sw", "text": "Baiskeli"}]


def public_id(category: Category) -> str:
    return encode_id(IdKind.CATEGORY, category.id)


async def test_the_whole_tree_is_asked_at_once_and_read_with_one_statement(api: Api, commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles", sort_order=1)
    await make_category(commands, "homes")
    bicycles = await make_category(commands, "bicycles", parent=vehicles)
    await make_category(commands, "racing", parent=bicycles)
    statements: list[str] = []
    event.listen(
        commands.database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *_: statements.append(statement),
    )

    tree = (await api.ask(TREE))["categories"]

    assert tree == [
        {"slug": "homes", "name": "Homes", "children": []},
        {
            "slug": "vehicles",
            "name": "Vehicles",
            "children": [
                {
                    "slug": "bicycles",
                    "name": "Bicycles",
                    "level": 1,
                    "children": [{"slug": "racing", "path": "vehicles/bicycles/racing", "children": []}],
                }
            ],
        },
    ]
    assert len([statement for statement in statements if "FROM categories" in statement]) == 1


async def test_a_branch_is_asked_by_its_parent(api: Api, commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles")
    await make_category(commands, "bicycles", parent=vehicles)

    branch = await api.ask(TREE, parentId=public_id(vehicles))
    missing = await api.run(TREE, parentId=encode_id(IdKind.CATEGORY, new_id()))
    faulty = await api.run(TREE, parentId=encode_id(IdKind.LISTING, vehicles.id))

    assert [category["slug"] for category in branch["categories"]] == ["bicycles"]
    assert (missing.codes, faulty.codes) == (["NOT_FOUND"], ["VALIDATION_ERROR"])


async def test_a_closed_branch_is_not_found(api: Api, commands: Commands) -> None:
    vehicles = await make_category(commands, "vehicles")
    await make_category(commands, "bicycles", parent=vehicles)
    async with commands.by_system() as uow:
        await update_category(uow, category_id=vehicles.id, is_active=False)

    assert (await api.ask(TREE))["categories"] == []
    assert (await api.run(TREE, parentId=public_id(vehicles))).codes == ["NOT_FOUND"]


async def test_a_curator_tends_the_tree(api: Api, commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)
    vehicles = await make_category(commands, "vehicles")

    made = await api.as_(admin).command(
        "categoryCreate", SHOWN, slug="bicycles", name=BIKES, parentId=public_id(vehicles), sortOrder=3
    )
    again = await api.as_(admin).command("categoryCreate", SHOWN, slug="bicycles", name=BIKES)
    in_swahili = (await api.ask(TREE, language="sw"))["categories"]

    assert made == {
        "category": {
            "slug": "bicycles",
            "path": "vehicles/bicycles",
            "level": 1,
            "name": "Bicycles",
            "names": BIKES,
            "description": None,
            "sortOrder": 3,
            "isActive": True,
            "version": 1,
            "parent": {"slug": "vehicles"},
        },
        "errors": [],
    }
    assert [error["reason"] for error in again["errors"]] == ["SLUG_TAKEN"]
    assert in_swahili[0]["name"] == "Vehicles"
    assert in_swahili[0]["children"][0]["name"] == "Baiskeli"


async def test_a_change_by_a_stale_version_is_refused(api: Api, commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)
    category = await make_category(commands)
    given = {"categoryId": public_id(category), "expectedVersion": 1}

    first = await api.as_(admin).command("categoryUpdate", SHOWN, **given, isActive=False)
    second = await api.as_(admin).command("categoryUpdate", SHOWN, **given, isActive=True)

    assert (first["category"]["isActive"], first["category"]["version"]) == (False, 2)
    assert [(error["reason"], error["currentVersion"]) for error in second["errors"]] == [("VERSION_MISMATCH", 2)]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"slug": "Bikes!"}, ["slug"]),
        ({"name": []}, ["name"]),
        ({"name": [*BIKES, {"language": "sw", "text": "Tena"}]}, ["name"]),
        ({"description": [{"language": "sw", "text": "Bila Kiingereza"}]}, ["description"]),
        ({"parentId": "cat_nothing"}, ["parentId"]),
        ({"sortOrder": -1}, ["sortOrder"]),
    ],
)
async def test_a_faulty_category_is_refused(
    api: Api, commands: Commands, changes: dict[str, Any], path: list[str]
) -> None:
    admin = await make_person(commands, Role.ADMIN)
    given = {"slug": "bicycles", "name": BIKES} | changes

    refused = await api.as_(admin).command("categoryCreate", SHOWN, **given)

    assert [error["path"] for error in refused["errors"]] == [path]
    assert (await api.ask(TREE))["categories"] == []


@pytest.mark.parametrize("field", ["categoryCreate", "categoryUpdate"])
async def test_only_curators_tend_the_tree(api: Api, commands: Commands, field: str) -> None:
    moderator = await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    kind = field[0].upper() + field[1:] + "Input"
    given = {"slug": "x", "name": BIKES} if field == "categoryCreate" else {"categoryId": public_id(category)}
    document = f"mutation($input: {kind}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"

    assert (await api.as_(moderator).run(document, input=given)).codes == ["FORBIDDEN"]
    assert len(await commands.events()) == 1

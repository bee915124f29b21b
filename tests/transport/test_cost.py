"""What operations cost, by hand."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry

from transport.asking import Asked
from transport.cost import cost
from transport.operations import Operations
from transport.policy import Plain


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Author(Named):
    @strawberry.field
    def books(self, first: int | None = None, last: int | None = None) -> list[Book]:
        raise NotImplementedError


@strawberry.type
class Book(Named):
    authors: list[Author] = strawberry.field(metadata={"items": 3})
    cover: Author = strawberry.field(metadata={"weight": 10})
    rating: int = strawberry.field(metadata={"weight": 2})


@strawberry.type
class Page:
    number: int


@strawberry.type
class Edge:
    node: Book


@strawberry.type
class Books:
    nodes: list[Book]
    edges: list[Edge]
    page: Page


def no_books(ids: list[strawberry.ID]) -> list[Book]:
    return []


@strawberry.type
class Query:
    @strawberry.field
    def books(self, first: int | None = 10, last: int | None = None) -> Books:
        raise NotImplementedError

    @strawberry.field
    def paged(self, first: int | None = None) -> Books:
        raise NotImplementedError

    @strawberry.field
    def named(self) -> Named | None:
        return None

    @strawberry.field
    def found(self) -> Annotated[Author | Book, strawberry.union("Found")] | None:
        return None

    by_ids: list[Book] = strawberry.field(resolver=no_books, metadata={"sized_by": "ids"})


@pytest.fixture(scope="module")
def operations() -> Operations:
    return Operations(strawberry.Schema(Query))


@pytest.mark.parametrize(
    ("selection", "points"),
    [
        ("__typename", 0),
        ("books { page { number } }", 2),
        ("books { nodes { name } }", 1 + 10),
        ("books { edges { node { name } } page { number } }", 1 + 10 * 2 + 1),
        ("books(first: 3) { nodes { rating } }", 1 + 3 * (1 + 2)),
        ("books(first: null, last: 4) { nodes { name } }", 1 + 4),
        ("paged { nodes { name } }", 1 + 20),
        ("paged(first: -5) { nodes { name } }", 1),
        ("books(first: 2) { nodes { authors { name } cover { name } } }", 1 + 2 * (1 + 3 + 10)),
        ("books(first: 2) { nodes { authors { books(first: 5) { name } } } }", 1 + 2 * (1 + 3 * (1 + 5))),
        ("books(first: 2) { nodes { name ...B } ... { nodes { cover { name } } } }", 1 + 2 * (1 + 10)),
        ("named { name ... on Book { cover { name } } ... on Author { books(first: 30) { name } } }", 1 + 30),
        ("found { ... on Book { cover { name } } ... on Author { books(first: 2) { name } } }", 1 + 10),
        ('byIds(ids: ["a", "b", "c"]) { name }', 3),
        ("__schema { types { fields { type { name } } } }", 4),
    ],
)
def test_what_is_selected_has_its_price(operations: Operations, selection: str, points: int) -> None:
    fragment = " fragment B on Book { cover { name } }" if "...B" in selection else ""

    assert cost(operations.prepare(f"{{ {selection} }}{fragment}"), None, None) == points


@pytest.mark.parametrize(
    ("variables", "points"),
    [
        (None, 1 + 7 * (1 + 3)),
        ({"n": 2}, 1 + 2 * (1 + 3)),
        ({"n": 2, "m": 4}, 1 + 2 * (1 + 3 * (1 + 4))),
        ({"n": None}, 1 + 20 * (1 + 3)),
        ({"n": 2.0}, 1 + 2 * (1 + 3)),
        ({"n": "many"}, 1 + 20 * (1 + 3)),
        ({"n": True}, 1 + 20 * (1 + 3)),
        ({"n": 2**62, "m": 2**62}, 2**53 - 1),
        ({"n": 1e300}, 2**53 - 1),
    ],
)
def test_variables_decide_how_long_pages_are(
    operations: Operations, variables: dict[str, Any] | None, points: int
) -> None:
    text = "query($n: Int = 7, $m: Int = 0) { books(first: $n) { nodes { authors { books(first: $m) { name } } } } }"

    assert cost(operations.prepare(text), None, variables) == points


def test_a_list_of_arguments_is_counted(operations: Operations) -> None:
    prepared = operations.prepare("query($ids: [ID!]!) { byIds(ids: $ids) { cover { name } } }")

    assert [cost(prepared, None, given) for given in ({"ids": ["a"] * 9}, {"ids": "a"}, None)] == [9 * 11, 11, 11]


def test_each_operation_of_a_document_has_its_own(operations: Operations) -> None:
    prepared = operations.prepare("query A { named { name } } query B { books { nodes { name } } }")

    assert [cost(prepared, name, None) for name in "AB"] == [1, 11]


class Noting(Plain):
    def __init__(self) -> None:
        self.noted: list[tuple[int, int]] = []

    def reckoned(self, cost: int, cost_max: int, context: Any) -> None:
        self.noted.append((cost, cost_max))


async def test_the_owner_is_told_what_an_operation_costs_before_it_is_refused() -> None:
    policy = Noting()
    operations = Operations(strawberry.Schema(Query), policy=policy)
    text = "query($n: Int) { books(first: $n) { nodes { name } } named { name } }"

    refused = await operations.execute(Asked(text, {"n": 1_000}), None)

    assert not refused.has_run
    assert b"at most 1000 points of cost; this one has 1002" in refused.body
    assert policy.noted == [(1_002, 1_000)]

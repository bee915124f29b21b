"""Breaks planted into a small schema: each is found, and told by the place it is about."""

from __future__ import annotations

import pytest
from graphql import build_schema

from app.contract.changes import Severity, changes_between

ACCESS = "directive @access(to: [String!]!) on FIELD_DEFINITION directive @pii on FIELD_DEFINITION"
RELEASED = f"""
{ACCESS}
type Query {{
  goods(first: Int = 20, city: String): [Good!]! @access(to: ["ANYONE"])
  basket: Basket @access(to: ["SIGNED_IN"])
  books: Int @access(to: ["BOOKS_READ", "BOOKS_WRITE"])
}}
interface Node {{ id: ID! }}
type Good implements Node {{ id: ID! title: String! seller: String colour: Colour }}
type Basket {{ size: Int! }}
union Item = Good | Basket
enum Colour {{ RED GREEN }}
input GoodInput {{ title: String! note: String = "none" }}
type Mutation {{ goodCreate(input: GoodInput!): Item }}
"""
BREAKS = [
    ("title: String! seller", "seller", "Good.title"),
    ("seller: String", "seller: Int", "Good.seller"),
    ("title: String! seller", "title: String seller", "Good.title"),
    ("city: String)", "city: String!)", "Query.goods(city:)"),
    (", city: String)", ")", "Query.goods(city:)"),
    ("city: String)", "city: String, of: ID!)", "Query.goods(of:)"),
    ("RED GREEN", "RED", "Colour.GREEN"),
    ("Good | Basket", "Good", "Item.Basket"),
    ("input GoodInput { title: String!", "input GoodInput { size: Int! title: String!", "GoodInput.size"),
    ("implements Node {", "{", "Good"),
    ('"ANYONE"', '"SIGNED_IN"', "Query.goods"),
    ('["SIGNED_IN"]', '["BASKETS_READ"]', "Query.basket"),
    ('"BOOKS_READ", "BOOKS_WRITE"', '"BOOKS_WRITE"', "Query.books"),
]
DANGERS = [
    ("RED GREEN", "RED GREEN BLUE", "Colour.BLUE"),
    ("Good | Basket", "Good | Basket | Gap type Gap { why: String }", "Gap"),
    ("first: Int = 20", "first: Int = 10", "Query.goods(first:)"),
    ('note: String = "none"', 'note: String = "nothing"', "GoodInput.note"),
    ("seller: String", "seller: String @pii", "Good.seller"),
]
SAFE = [
    ("size: Int!", "size: Int! weight: Int"),
    ("seller: String", "seller: String!"),
    ("input: GoodInput!", "input: GoodInput"),
    ('["SIGNED_IN"]', '["ANYONE"]'),
    ('["BOOKS_READ", "BOOKS_WRITE"]', '["SIGNED_IN"]'),
    ("title: String! seller", 'title: String! @deprecated(reason: "use seller") seller'),
]


def changed(before: str, after: str) -> list[tuple[Severity, str]]:
    assert before in RELEASED
    text = RELEASED.replace(before, after, 1)
    found = changes_between(build_schema(RELEASED), build_schema(text))
    return [(change.severity, change.coordinate) for change in found]


@pytest.mark.parametrize(("before", "after", "coordinate"), BREAKS)
def test_what_breaks_a_client_is_found_where_it_is(before: str, after: str, coordinate: str) -> None:
    assert (Severity.BREAKING, coordinate) in changed(before, after)


@pytest.mark.parametrize(("before", "after", "coordinate"), DANGERS)
def test_what_may_surprise_a_client_is_dangerous(before: str, after: str, coordinate: str) -> None:
    assert changed(before, after) == [(Severity.DANGEROUS, coordinate)]


@pytest.mark.parametrize(("before", "after"), SAFE)
def test_what_is_new_or_wider_is_not_told(before: str, after: str) -> None:
    assert changed(before, after) == []

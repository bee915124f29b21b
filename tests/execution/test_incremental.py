"""What may come in several parts is left to graphql-core, which says itself that its one answer cannot hold it."""

from __future__ import annotations

from typing import Any

import graphql
import pytest
from graphql import (
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    GraphQLString,
    parse,
    specified_directives,
)

from execution.execute import execute, plan_of

QUERY = GraphQLObjectType(
    "Query", {"name": GraphQLField(GraphQLString), "tags": GraphQLField(GraphQLList(GraphQLString))}
)
ROOT = {"name": "Soko", "tags": ["a", "b"]}
IN_PARTS = ("{ name ... @defer { tags } }", "{ tags @stream(initialCount: 1) }", "{ ... @defer(if: false) { tags } }")


def schema_with(*directives: Any) -> GraphQLSchema:
    return GraphQLSchema(QUERY, directives=[*specified_directives, *directives])


INCREMENTAL = schema_with(GraphQLDeferDirective, GraphQLStreamDirective)


@pytest.mark.parametrize("text", IN_PARTS)
def test_an_operation_that_asks_for_parts_is_not_compiled(text: str) -> None:
    assert plan_of(schema_with(), parse(text)) is None
    assert plan_of(schema_with(), parse("{ name tags }")) is not None


@pytest.mark.parametrize("text", [*IN_PARTS, "{ name tags }"])
def test_a_schema_with_parts_is_refused_in_graphql_cores_words(text: str) -> None:
    said = []
    for run in (execute, graphql.execute):
        with pytest.raises(GraphQLError) as refused:
            run(INCREMENTAL, parse(text), ROOT)
        said.append(str(refused.value))

    assert said[0] == said[1]
    assert "@defer or @stream" in said[0]
    assert plan_of(INCREMENTAL, parse(text)) is None

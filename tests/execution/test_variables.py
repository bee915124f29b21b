"""Variables are coerced to what graphql-core makes of them, and wrong ones are told in its words."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, Undefined, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.collect import request_of
from execution.variables import Variables
from tests.execution.world import SCHEMA, Shade

DOCUMENT = parse(
    "query ($yes: Boolean! = true, $no: Boolean, $text: String = null, $number: Int! = 4, $colour: Colour = RED,"
    " $filter: Filter, $filters: [Filter!]! = [], $sizes: [Int!], $grid: [[Int]!], $odd: Odd, $ratio: Float, $key: ID!)"
    " { id }"
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["RED", "PINK", "text", "", 3, 4, -1, 2**31, -(2**31), 2**53, 1.0, 0.5, float("nan"), Undefined]),
    st.sampled_from(list(Shade)),
)
FILTERS = st.recursive(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["n", "n", "n", None, 1])},
        optional={
            "colour": st.sampled_from(["RED", "GREEN", None, 1]),
            "sizes": st.sampled_from([[1], [], 5, None, ["x"], (2,)]),
            "odd": st.sampled_from([1, 3, 4, None]),
            "ratio": st.sampled_from([0.5, 2, "x", None]),
            "more": st.sampled_from([Undefined, 1]),
        },
    ),
    lambda filters: st.fixed_dictionaries({"name": st.just("n"), "inner": filters}),
    max_leaves=20,
)
VALUES = st.one_of(
    LEAVES, FILTERS, st.lists(FILTERS, max_size=2), st.lists(LEAVES, max_size=2), st.lists(st.lists(LEAVES, max_size=2))
)
GIVEN = st.fixed_dictionaries(
    {"key": st.sampled_from(["k", "k", 7, None])},
    optional={
        "yes": st.booleans(),
        "text": st.sampled_from(["t", None, 5]),
        "number": st.integers(-3, 2**31),
        "colour": st.sampled_from(["BLUE", "PINK", None]),
        "filter": FILTERS,
        "filters": st.lists(FILTERS, max_size=2),
        "sizes": st.sampled_from([[1, 2], 3, [None]]),
        "ratio": st.sampled_from([1.5, 2, float("inf")]),
    },
)


def told(result: VariableValues | list[GraphQLError]) -> str:
    if isinstance(result, list):
        return str([(str(error), error.locations) for error in result])
    sources = {
        name: (source.value, source.signature.name, str(source.signature.type))
        for name, source in result.sources.items()
    }
    return repr((result.coerced, sources))


@settings(max_examples=1_500, deadline=None, database=None, derandomize=True)
@given(GIVEN, st.dictionaries(st.sampled_from(["filter", "sizes", "grid", "odd", "no", "ratio", "extra"]), VALUES))
def test_variables_are_coerced_as_by_graphql_core(some: dict[str, Any], others: dict[str, Any]) -> None:
    request = request_of(SCHEMA, DOCUMENT, None)
    operation = DOCUMENT.definitions[0]
    assert request is not None
    assert isinstance(operation, OperationDefinitionNode)
    values = some | others

    found = Variables(request).coerced(values)

    expected = get_variable_values(SCHEMA, operation.variable_definitions or (), values, max_errors=50)
    assert told(found) == told(expected)


def test_input_that_contains_itself_is_followed_as_deep_as_by_graphql_core() -> None:
    schema = build_schema("input In { in: In n: Int = 3 } type Query { a(in: In): Int }")
    document = parse("query ($in: In) { a(in: $in) }")
    request, operation = request_of(schema, document, None), document.definitions[0]
    assert request is not None
    assert isinstance(operation, OperationDefinitionNode)
    for depth in (0, 5, 40, 2_000):
        value: dict[str, Any] = {}
        for _ in range(depth):
            value = {"in": value}
        expected = get_variable_values(schema, operation.variable_definitions or (), {"in": value}, max_errors=50)

        assert told(Variables(request).coerced({"in": value})) == told(expected)


def test_a_scalar_that_takes_anything_takes_null_only_where_null_may_be() -> None:
    schema = build_schema("scalar JSON input In { must: JSON! may: JSON } type Query { a(in: In, all: [JSON!]): Int }")
    document = parse("query ($in: In, $all: [JSON!]) { a(in: $in, all: $all) }")
    request, operation = request_of(schema, document, None), document.definitions[0]
    assert request is not None
    assert isinstance(operation, OperationDefinitionNode)
    for values in ({"in": {"must": None}}, {"in": {"must": 1, "may": None}}, {"all": [1, None]}, {"all": None}):
        expected = get_variable_values(schema, operation.variable_definitions or (), values, max_errors=50)

        assert told(Variables(request).coerced(values)) == told(expected)

"""What a plan promises beyond the same answers: when it runs, what it keeps, and what it never shares."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLResolveInfo, GraphQLSchema, build_schema, parse
from graphql import execute as reference
from graphql.pyutils import is_awaitable

from execution.cache import Recent
from execution.execute import compile_ahead, execute, plan_of
from execution.plan import COMBINATIONS_MAX


def answered(result: Any) -> ExecutionResult:
    """An answer that came at once."""
    assert isinstance(result, ExecutionResult)
    return result


def test_synchronous_resolvers_answer_at_once() -> None:
    schema = build_schema("type Query { a: Int }")

    result = execute(schema, parse("{ a }"), {"a": lambda _info: 4})

    assert result == ExecutionResult({"a": 4}, None)


async def test_root_fields_of_a_query_run_together_and_those_of_a_mutation_one_by_one() -> None:
    schema = build_schema("type Query { a: Int b: Int } type Mutation { a: Int b: Int }")
    seen: list[str] = []

    async def field(info: GraphQLResolveInfo[None]) -> int:
        seen.append(f"{info.field_name} began")
        await asyncio.sleep(0)
        seen.append(f"{info.field_name} ended")
        return 1

    for operation in ("query", "mutation"):
        result = execute(schema, parse(operation + " { a b }"), {"a": field, "b": field})
        assert is_awaitable(result)
        assert (await result).data == {"a": 1, "b": 1}

    assert seen[:4] == ["a began", "b began", "a ended", "b ended"]
    assert seen[4:] == ["a began", "a ended", "b began", "b ended"]


def test_a_document_is_compiled_once() -> None:
    schema = build_schema("type Query { a: Int }")
    document = parse("query One { a } query Two { a }")

    first = plan_of(schema, document, "One")

    assert first is not None
    assert plan_of(schema, document, "One") is first
    assert plan_of(schema, document, "Two") is not first
    assert plan_of(schema, document) is None


def test_trusted_documents_are_compiled_before_anybody_asks() -> None:
    schema = build_schema("type Query { a: Int b: Int }")
    document = parse("query One($x: Boolean!) { a @skip(if: $x) b } query Two { a }")

    compile_ahead(schema, [document])

    plans = [plan_of(schema, document, name) for name in ("One", "Two")]
    assert [plan.combinations for plan in plans if plan] == [2, 1]
    assert answered(execute(schema, document, {"a": 1, "b": 2}, None, {"x": True}, "One")).data == {"b": 2}
    assert [plan.combinations for plan in plans if plan] == [2, 1]


def test_a_resolver_may_change_its_arguments() -> None:
    schema = build_schema("input In { x: [Int!] = [1] } type Query { a(list: [Int!] = [1], in: In = {}, n: Int): Int }")
    document = parse("query ($n: Int) { one: a two: a(list: [7], in: {}) three: a(list: [8], n: $n) }")

    def count(_info: object, **given: Any) -> int:
        given["list"].append(9)
        given["in"]["x"].append(9)
        return len(given["list"]) + len(given["in"]["x"])

    answers = [answered(execute(schema, document, {"a": count}, None, {"n": 1})).data for _ in range(3)]

    assert answers == [{"one": 4, "two": 4, "three": 4}] * 3


@pytest.mark.parametrize(
    "value",
    [
        0,
        1,
        True,
        2**31 - 1,
        2**31,
        -(2**31),
        -(2**31) - 1,
        1.0,
        1.5,
        float("nan"),
        float("inf"),
        "1",
        "",
        b"1",
        [],
        None,
    ],
)
def test_scalars_are_coerced_as_by_graphql_core(value: object) -> None:
    schema = build_schema("type Query { i: Int f: Float s: String b: Boolean d: ID many: [Int] }")
    document = parse("{ i f s b d many }")
    root = dict.fromkeys("ifsbd", value) | {"many": [value]}

    expected, found = reference(schema, document, root), execute(schema, document, root)

    assert repr(found) == repr(expected)


def test_combinations_of_conditions_are_bounded_and_all_answered() -> None:
    schema = build_schema("type Query { a: Int }")
    names = [f"v{n}" for n in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    document = parse(f"query ({declared}) {{ {' '.join(f'{name}: a @include(if: ${name})' for name in names)} }}")
    plan = plan_of(schema, document)
    assert plan is not None

    for n in range(2 ** len(names)):
        chosen = {name: bool(n >> bit & 1) for bit, name in enumerate(names)}
        data = answered(execute(schema, document, {"a": 1}, None, chosen)).data
        assert data == {name: 1 for name in names if chosen[name]}

    assert plan.combinations == COMBINATIONS_MAX


def test_fragments_that_multiply_cost_what_they_answer() -> None:
    schema = build_schema("type Query { q: Query a: Int }")
    fragments = [f"fragment F{n} on Query {{ x: q {{ ...F{n + 1} }} y: q {{ ...F{n + 1} }} }}" for n in range(40)]
    document = parse("{ ...F0 }" + " ".join(fragments) + " fragment F40 on Query { a }")

    assert answered(execute(schema, document, {})).data == {"x": None, "y": None}


def test_the_least_recently_used_leaves_first() -> None:
    recent: Recent[int] = Recent(2)
    recent.add("a", 1)
    recent.add("b", 2)
    recent.find("a")
    recent.add("c", 3)

    assert (recent.find("a"), recent.find("b"), recent.find("c"), len(recent)) == (1, None, 3, 2)


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Seller(Node):
    name: str


@strawberry.type
class Listing(Node):
    title: str
    old_price: float | None = None

    @strawberry.field
    async def seller(self, info: strawberry.Info[Any, Any], times: int = 2) -> Seller:
        return Seller(id=strawberry.ID("s"), name=f"{info.path.key} {info.field_name} {info.python_name}" * times)

    @strawberry.field
    def nodes(self) -> list[Node]:
        return [self, Seller(id=strawberry.ID("n"), name="node")]


@strawberry.type
class Query:
    @strawberry.field
    def listings(self, first: int) -> list[Listing]:
        return [Listing(id=strawberry.ID(str(n)), title="t", old_price=cast(float, n or "much")) for n in range(first)]


async def test_a_strawberry_schema_answers_the_same() -> None:
    schema: GraphQLSchema = strawberry.Schema(Query, types=[Seller])._schema
    document = parse(
        "query ($n: Int!) { listings(first: $n) { __typename id title oldPrice a: seller { name } "
        "seller(times: 1) { id name } nodes { __typename id ... on Listing { title } ... on Seller { name } } } }"
    )

    expected = reference(schema, document, variable_values={"n": 3})
    found = execute(schema, document, variable_values={"n": 3})

    assert is_awaitable(expected)
    assert is_awaitable(found)
    assert await found == await expected


def test_resolvers_can_be_told_in_another_shape() -> None:
    schema = build_schema("type Query { a(x: Int): String b: String }")
    schema.query_type.fields["a"].resolve = lambda _root, told, **_: str(told)  # type: ignore[union-attr]

    result = execute(
        schema, parse("{ a b }"), {"b": str}, info_as=lambda info: f"told of {info.field_name}", executor_class=None
    )

    assert answered(result).data == {"a": "told of a", "b": "told of b"}

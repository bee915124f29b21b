"""Subscriptions answer to the letter what graphql-core answers, event by event, and end as they do there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from inspect import isawaitable
from random import Random
from typing import Annotated, Any, cast

import graphql
import pytest
import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, build_schema, parse

from execution.subscribe import OpenedSource, open_source, subscribe
from tests.execution.comparing import WORLDS, Case, heard
from tests.execution.documents import Writing, variables

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

WRITTEN = {
    "one field": "subscription { book { id name } }",
    "several fields": "subscription { id name book { id } }",
    "a fragment": "subscription { ...A } fragment A on Subscription { named { __typename size } }",
    "arguments": 'subscription ($n: Int = 2) { echo(number: $n, filter: {name: "x"}) }',
    "wrong arguments": 'subscription { echo(number: "x") }',
    "an unknown field": "subscription { nobody id }",
    "the name of the type": "subscription { __typename }",
    "introspection": "subscription { __schema { queryType { name } } }",
    "nothing": "subscription { id @skip(if: true) }",
    "a missing variable": "subscription ($n: Int!) { echo(number: $n) }",
    "a condition": "subscription ($a: Boolean!) { id @skip(if: $a) name }",
    "no operation": "fragment A on Subscription { id }",
    "several operations": "subscription A { id } subscription B { name }",
    "no subscription": "{ id }",
}


@pytest.mark.parametrize("name", WRITTEN)
async def test_written_subscriptions_answer_as_in_graphql_core(name: str) -> None:
    document = parse(WRITTEN[name])
    for seed in range(12):
        case = Case(source="", variables={"a": False}, seed=seed, late=seed * 4, faulty=seed * 3)
        assert await _outcome(subscribe, document, case) == await _outcome(graphql.subscribe, document, case)


async def _outcome(engine: Any, document: graphql.DocumentNode, case: Case, events_max: int = 3) -> Any:
    """What is heard, or what is raised before anything is."""
    try:
        return await heard(engine, document, case, events_max=events_max)
    except (GraphQLError, StopIteration, RuntimeError) as error:
        return repr(error)


async def test_generated_subscriptions_answer_as_in_graphql_core() -> None:
    compared: set[str] = set()
    for seed in range(600):
        dice = Random(seed)
        source = Writing(dice).document("subscription")
        late, faulty = WORLDS[seed % len(WORLDS)]
        case = Case(source=source, variables=variables(dice), seed=seed, late=late, faulty=faulty)
        document, events_max = parse(source), dice.randrange(1, 4)
        reference = await _outcome(graphql.subscribe, document, case, events_max)

        assert await _outcome(subscribe, document, case, events_max) == reference
        compared.add(source)

    assert len(compared) >= 500


@strawberry.type
class Query:
    number: int = 7


@strawberry.type
class Rise:
    by: int


@strawberry.type
class Fall:
    by: int


@strawberry.type
class Prices:
    @strawberry.subscription
    async def changes(self) -> AsyncIterator[Annotated[Rise | Fall, strawberry.union("Change")]]:
        for change in (Rise(by=1), Rise(by=2), Rise(by=cast(int, "much")), Fall(by=3), Rise(by=4)):
            yield change


class Ticker:
    """A source that is no iterator: somebody else listens to it."""


def ticking(opened: Any) -> GraphQLSchema:
    schema = build_schema("type Query { a: Int } type Tick { n: Int! } type Subscription { tick(from: Int): Tick }")
    assert schema.subscription_type is not None
    schema.subscription_type.fields["tick"].subscribe = opened
    return schema


async def test_a_source_may_be_anything_and_an_event_is_answered_at_once() -> None:
    ticker = Ticker()
    schema = ticking(lambda root, _info, **given: (ticker, root, given)[0])

    opened = await open_source(schema, parse("subscription { tick(from: 2) { n } }"), None, None)

    assert isinstance(opened, OpenedSource)
    assert opened.source is ticker
    assert opened.answer({"tick": {"n": 4}}) == ExecutionResult({"tick": {"n": 4}}, None)
    refused = opened.answer({"tick": {"n": None}})
    assert isinstance(refused, ExecutionResult)
    assert (refused.data, [error.path for error in refused.errors or []]) == ({"tick": None}, [["tick", "n"]])


async def test_a_source_that_is_refused_is_a_result() -> None:
    async def refuse(_root: object, _info: object) -> AsyncIterator[object]:
        raise GraphQLError("Not you.")

    opened = await open_source(ticking(refuse), parse("subscription { tick { n } }"), None, None)

    assert isinstance(opened, ExecutionResult)
    assert [(error.message, error.path) for error in opened.errors or []] == [("Not you.", ["tick"])]


async def test_a_subscription_that_is_not_compiled_opens_as_well() -> None:
    async def ticks(_root: object, _info: object) -> AsyncIterator[object]:
        yield {"tick": {"n": 1}}

    document = parse("subscription @experimental_disableErrorPropagation { tick { n } }")
    opened = await open_source(ticking(ticks), document, None, None)

    assert isinstance(opened, OpenedSource)
    answers = [opened.answer(event) async for event in opened.source]
    assert answers == [ExecutionResult({"tick": {"n": 1}}, None)]


async def test_an_event_that_is_unlike_the_ones_before_is_answered_as_in_graphql_core() -> None:
    schema = strawberry.Schema(Query, subscription=Prices)._schema
    document = parse("subscription { changes { __typename ... on Rise { by } ... on Fall { by } } }")

    answered, expected = [await _told(engine, schema, document) for engine in (subscribe, graphql.subscribe)]

    assert answered == expected
    assert [data and data["changes"]["by"] for data, _ in answered] == [1, 2, None, 3, 4]


async def _told(engine: Any, schema: GraphQLSchema, document: graphql.DocumentNode) -> list[tuple[Any, Any]]:
    answers = engine(schema, document)
    answers = await answers if isawaitable(answers) else answers
    return [(answer.data, answer.errors and [error.formatted for error in answer.errors]) async for answer in answers]


async def test_a_query_opens_no_source() -> None:
    with pytest.raises(GraphQLError, match="Expected subscription operation"):
        await open_source(ticking(None), parse("{ a }"), None, None)

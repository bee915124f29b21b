"""Fields that say how they are read and loaded answer what graphql-core finds by their resolvers and DataLoaders."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import graphql
import pytest
from graphql import DocumentNode, ExecutionResult, parse
from graphql.pyutils import is_awaitable

from execution.execute import execute
from tests.execution.documents import Writing
from tests.execution.market import SCHEMA, Counting, Market

WORLDS = ((0, 0), (0, 3), (0, 8), (60, 4))
# graphql-core, too, leaves coroutines unawaited that it cancels before they began.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine:pytest.PytestUnraisableExceptionWarning"),
]
PEOPLE = "id name size shade boss { id boss { name } } strictBoss { id } friends { id shop { title owner { name } } }"


async def answered(engine: Callable[..., Any], document: DocumentNode, market: Market) -> ExecutionResult:
    result = engine(SCHEMA, document, None, market)
    found: ExecutionResult = await result if is_awaitable(result) else result
    return found


def told(result: ExecutionResult) -> tuple[str, Counter[Any], set[Any]]:
    """The data, the errors of places that are null by themselves, and which places are null because of what is below.

    In which order loaders answer is free. So is, then, which of several errors below a place makes it null: an error is
    not told any more when what it belongs to is null already.
    """
    own: Counter[Any] = Counter()
    above: set[Any] = set()
    for error in result.errors or []:
        assert error.path is not None
        place = null_place(result.data, error.path)
        if place == tuple(error.path):
            own[error.message, place, repr(error.locations), repr(error.extensions)] += 1
        else:
            above.add(place)
    return repr(result.data), own, above


def null_place(data: Any, path: Any) -> tuple[Any, ...]:
    place: tuple[Any, ...] = ()
    for key in path:
        if data is None:
            break
        data, place = data[key], (*place, key)
    return place


async def compare(source: str, seed: int, late: int, faulty: int) -> None:
    document = parse(source)
    reference = await answered(graphql.execute, document, Market(seed, late=late, faulty=faulty))
    for _ in range(2):
        compiled = await answered(execute, document, Market(seed, late=late, faulty=faulty))
        assert told(compiled) == told(reference)


@pytest.mark.parametrize("seed", range(40))
async def test_written_documents_answer_as_by_data_loaders(seed: int) -> None:
    for source in (
        f"{{ people {{ {PEOPLE} }} }}",
        f"{{ rows {{ {PEOPLE} secret {{ id }} strictSecret {{ id }} }} }}",
        "{ person { grid { id boss { id } } maybeFriends { id slow } node { id ... on Shop { owner { id } } } } }",
        "mutation { a: person { strictBoss { name } } b: people { boss { size } } c: person(key: 2) { secret { id } }}",
        "{ things { __typename ... on Node { id } ... on Shop { owner { thing { __typename } } } } nodes { id } }",
        "{ person { mate { id strictMate { name mate { id } } } strictMate { slow } } }",
        "{ person { knownFriends { id strictMate { id } } mate { note strictMate { strictMate { id } } } } }",
        "{ person { knownThing { __typename ... on Person { strictMate { note } } } } people { strictMate { id } } }",
        "{ people { named { amount shade loud } strictNamed { loud louder n: amount } checked { amount } } }",
        "{ people { named { whole amount } strictNamed { __typename whole } bag { second { loud louder } } } }",
        "{ people { bag { first { amount } second { amount shade } } } person { bag { second { whole } } } }",
        "{ people { numbered { text number called } rounded { amount } } person { numbered { called whole } } }",
        "{ people { slowBoss { boss { id } } slow slowBoss { strictBoss { name note } } parts { amount shade } } }",
    ):
        await compare(source, seed, *WORLDS[seed % len(WORLDS)])


@pytest.mark.parametrize("part", range(10))
async def test_generated_documents_answer_as_by_data_loaders(part: int) -> None:
    for seed in range(part * 100, part * 100 + 100):
        source = Writing(Random(seed), SCHEMA).document("query", "query", "mutation")
        await compare(source, seed, *WORLDS[seed % len(WORLDS)])


async def test_what_only_keeps_what_is_asked_of_it_is_not_made() -> None:
    Counting.made.clear()
    document = parse("{ person { strictNamed { amount shade loud } bag { second { louder } } checked { amount } } }")

    result = await answered(execute, document, Market(6))

    assert result.errors is None
    assert result.data is not None
    assert result.data["person"]["strictNamed"] == {"amount": "person1", "shade": "RED", "loud": "PERSON1"}
    assert Counting.made == {"Checked": 1, "Money": 1}  # the money is the row's own


async def test_of_a_list_that_keeps_items_and_their_places_none_is_made() -> None:
    Counting.made.clear()

    result = await answered(execute, parse("{ person { numbered { text number called } } }"), Market(2))

    assert result.data == {"person": {"numbered": [{"text": "a", "number": 0, "called": "0 of person1"}]}}
    assert not Counting.made


async def test_what_is_asked_as_a_whole_is_made() -> None:
    Counting.made.clear()

    result = await answered(execute, parse("{ person { strictNamed { whole amount } } }"), Market(6))

    assert result.data == {"person": {"strictNamed": {"whole": "person1 Shade.RED", "amount": "person1"}}}
    assert Counting.made == {"Money": 1}


async def test_an_edge_below_a_list_is_one_call_with_every_key_once() -> None:
    market = Market(5)
    document = parse("{ people { boss { id boss { name } } } }")

    result = await answered(execute, document, market)

    assert result.errors is None
    first, *others = market.calls
    assert first[0] == "person"
    assert len(set(first[1])) == len(first[1]) > 1
    assert len(others) <= 1


async def test_items_that_end_in_the_same_turn_load_their_edges_together() -> None:
    market = Market(5)

    await answered(execute, parse("{ people { slowBoss { boss { id } } } }"), market)

    assert len(market.calls) == 1


async def test_what_was_loaded_is_not_loaded_again() -> None:
    market = Market(5)

    await answered(execute, parse("{ people { strictBoss { id } a: strictBoss { strictBoss { name } } } }"), market)

    loaded = [key for _, keys in market.calls for key in keys]
    assert len(loaded) == len(set(loaded))


@pytest.mark.parametrize("seed", range(20))
async def test_what_is_at_hand_is_not_loaded(seed: int) -> None:
    market = Market(seed)
    key = market.row("person", 1).row.owner
    is_known = market.known("person", key) is not None

    result = await answered(execute, parse("{ person { strictMate { id } } }"), market)

    assert result.data == {"person": {"strictMate": {"id": f"person{key}"}}}
    assert market.calls == ([] if is_known else [("person", (key,))])


async def test_below_a_list_edges_are_loaded_together_whatever_is_at_hand() -> None:
    market = Market(5)

    await answered(execute, parse("{ people { strictMate { id } } }"), market)

    assert [name for name, _ in market.calls] == ["person"]


async def test_access_is_checked_once_for_all_positions() -> None:
    market = Market(1)

    await answered(execute, parse("{ people { secret { id } } }"), market)

    assert market.checks == 1


async def test_a_mutation_stops_when_an_edge_makes_its_answer_null() -> None:
    market = Market(207, faulty=8)
    market.loaders["person"].load_fn = nothing

    result = await answered(execute, parse("mutation { person { strictBoss { id } } a: people { id } }"), market)

    assert result.data is None
    assert [error.path for error in result.errors or []] == [["person", "strictBoss"]]


async def nothing(_keys: object) -> list[object]:
    return []


async def test_a_loader_that_answers_too_little_fails_its_positions() -> None:
    market = Market(5)
    market.loaders["person"].load_fn = nothing

    result = await answered(execute, parse("{ person { boss { id } shop { __typename } } }"), market)

    assert result.data == {"person": {"boss": None, "shop": {"__typename": "Shop"}}}
    assert [error.path for error in result.errors or []] == [["person", "boss"]]


async def test_edges_that_nobody_waits_for_any_more_are_given_up() -> None:
    market = Market(5)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def never(_keys: object) -> list[object]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return []

    market.loaders["person"].load_fn = never
    asked = asyncio.ensure_future(answered(execute, parse("{ people { slowBoss { boss { id } } } }"), market))
    await asyncio.wait_for(begun.wait(), 5)

    asked.cancel()

    await asyncio.wait_for(ended.wait(), 5)
    assert (await asyncio.gather(asked, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_loaders_that_wait_run_beside_each_other_however_they_are_called() -> None:
    market = Market(5)
    both: set[str] = set()
    met = asyncio.Event()

    def meeting(name: str) -> Callable[[Any], Any]:
        async def load(keys: list[object]) -> list[object]:
            both.add(name)
            if len(both) == 2:
                met.set()
            await asyncio.wait_for(met.wait(), 5)
            return [market.row(name, key) for key in keys]

        return load

    for name in ("person", "shop"):
        market.loaders[name].load_fn = meeting(name)
    document = parse("{ people { strictBoss { id } shop { id } } }")

    for _ in range(2):
        both.clear()
        met.clear()
        result = await answered(execute, document, market)

        assert result.errors is None
        assert both == {"person", "shop"}

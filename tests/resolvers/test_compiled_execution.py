"""Whatever runs an operation, the answer is the same; what comes once is not compiled."""

from __future__ import annotations

from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.ids import CategoryId
from execution.execute import EXTENSION
from execution.mode import ExecutionMode
from resolvers.executable_schema import build_schema
from resolvers.policy import ApiPolicy
from tests.api import Api
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing
from tests.makers.people import make_person
from transport.operations import Operations

MARKET = """
query Market($first: Int = 5, $with: Boolean = true) { listings(first: $first) { nextCursor nodes {
  id title price { amount asset } seller @include(if: $with) { displayName phone { masked } } category { name } } } }
"""
PARTLY_REFUSED = "query Partly { market: listings { nextCursor } queue: moderationQueue { nextCursor } }"
NOT_FOUND = 'query One { listing(id: "lst_00000000000000000000000001") { id } }'
ADDING = 'mutation Add { profileUpdate(input: {displayName: "Amina"}) { user { displayName } errors { code } } }'


def operations_in(mode: ExecutionMode) -> Operations:
    return Operations(build_schema(), policy=ApiPolicy(), mode=mode)


def plans_of(operations: Operations) -> int:
    plans: Any = operations._schema.extensions.get(EXTENSION)
    return len(plans.recent) if plans else 0


@pytest.fixture
async def seller(commands: Commands) -> Actor:
    seller = await make_person(commands)
    category = await make_category(commands)
    await make_listing(commands, seller, details(CategoryId(category.id)))
    return seller


@pytest.mark.parametrize("document", [MARKET, PARTLY_REFUSED, NOT_FOUND, ADDING])
async def test_all_modes_give_one_answer(api: Api, seller: Actor, document: str) -> None:
    answers = []
    for operations in map(operations_in, ExecutionMode):
        answers += [await api.on(operations).as_(seller).run(document) for _ in range(2)]

    assert answers == [answers[0]] * 2 * len(ExecutionMode)


async def test_a_document_is_compiled_when_it_comes_again(api: Api) -> None:
    operations = operations_in(ExecutionMode.COMPILED)
    caller = api.on(operations)

    await caller.run(MARKET)
    after_one = plans_of(operations)
    await caller.run(MARKET)
    await caller.run(MARKET)

    assert (after_one, plans_of(operations)) == (0, 1)


async def test_the_reference_compiles_nothing(api: Api) -> None:
    operations = operations_in(ExecutionMode.REFERENCE)

    for _ in range(3):
        await api.on(operations).run(MARKET)

    assert plans_of(operations) == 0

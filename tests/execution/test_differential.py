"""Written and generated documents answer to the letter what graphql-core answers, in every world."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.execute import plan_of
from tests.execution.comparing import WORLDS, Case, both
from tests.execution.corpus import CORPUS
from tests.execution.documents import Writing, variables
from tests.execution.world import SCHEMA

DOCUMENTS = 2_000
# graphql-core, too, leaves coroutines unawaited that it cancels before they began.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.mark.parametrize("name", CORPUS)
async def test_written_documents_answer_as_in_graphql_core(name: str) -> None:
    case = CORPUS[name]
    document = parse(case.source)  # one for all worlds: a plan must remember nothing of the runs before
    for seed in range(case.seed, case.seed + 12):
        reference, compiled = await both(document, replace(case, seed=seed))

        assert compiled == reference


def test_generated_documents_answer_as_in_graphql_core() -> None:
    compared: set[str] = set()
    with closing(asyncio.new_event_loop()) as loop:

        @settings(
            max_examples=DOCUMENTS + 200,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.randoms(use_true_random=False), st.integers(0, 2**32), st.sampled_from(WORLDS))
        def compare(dice: Random, seed: int, world: tuple[int, int]) -> None:
            source = Writing(dice).document("query", "query", "query", "mutation")
            case = Case(source=source, variables=variables(dice), seed=seed, late=world[0], faulty=world[1])
            reference, compiled = loop.run_until_complete(both(parse(source), case))
            compared.add(source)
            assert compiled == reference

        compare()
        loop.run_until_complete(loop.shutdown_asyncgens())

    assert len(compared) >= DOCUMENTS
    assert all(plan_of(SCHEMA, parse(source)) is not None for source in sorted(compared)[:100])

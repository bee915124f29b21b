"""One document through two engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult
from graphql.pyutils import is_awaitable

from execution.execute import execute
from tests.execution.world import CLASSES, SCHEMA, Keyed, World

# How many values of a hundred are late, and how many are faulty.
WORLDS = ((0, 0), (0, 12), (15, 12), (40, 6))


@dataclass(frozen=True)
class Outcome:
    """What a client would see, and what the resolvers were told in which order."""

    data: str
    errors: list[tuple[str, str, str]]
    at_once: bool
    log: list[str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A document and the world it is asked in: how many values of a hundred are late, and how many faulty."""

    source: str
    variables: dict[str, Any] = field(default_factory=dict)
    seed: int = 1
    late: int = 0
    faulty: int = 0
    options: dict[str, Any] = field(default_factory=dict)


async def outcome(engine: Callable[..., Any], document: DocumentNode, case: Case) -> Outcome:
    world = World(case.seed, late=case.late, faulty=case.faulty)
    root = Keyed(world, "Query", "") if case.seed % 2 else CLASSES["Query"](world, "Query", "")
    others = asyncio.all_tasks()
    answered = engine(SCHEMA, document, root, world, case.variables, **case.options)
    late = is_awaitable(answered)
    result: ExecutionResult = await answered if late else answered
    await _quiet(others)
    return _seen(result, at_once=not late, log=world.log)


async def both(document: DocumentNode, case: Case) -> tuple[Outcome, Outcome]:
    """graphql-core's first."""
    return await outcome(graphql.execute, document, case), await outcome(execute, document, case)


async def heard(
    engine: Callable[..., Any], document: DocumentNode, case: Case, *, events_max: int
) -> tuple[list[Outcome], list[str]]:
    """What a listener would see that goes away after so many events, and what the resolvers were told."""
    world = World(case.seed, late=case.late, faulty=case.faulty)
    others = asyncio.all_tasks()
    opened = engine(SCHEMA, document, CLASSES["Query"](world, "Query", ""), world, case.variables, **case.options)
    late = is_awaitable(opened)
    source = await opened if late else opened
    outcomes: list[Outcome] = []
    if isinstance(source, ExecutionResult):
        outcomes.append(_seen(source, at_once=not late))
    else:
        try:
            while len(outcomes) < events_max:
                outcomes.append(_seen(await anext(source), at_once=not late))
        except (StopAsyncIteration, ValueError) as end:
            outcomes.append(Outcome(repr(end), [], not late, []))
        await source.aclose()
    await _quiet(others)
    return outcomes, world.log


def _seen(result: ExecutionResult, *, at_once: bool, log: list[str] | None = None) -> Outcome:
    errors = [(error.message, repr(error.path), repr(error.locations)) for error in result.errors or []]
    return Outcome(repr(result.data), errors, at_once, log or [])


async def _quiet(others: set[asyncio.Task[Any]]) -> None:
    """What an error left behind may still tell the log; `others` are not of this run."""
    while left := asyncio.all_tasks() - others:
        await asyncio.wait(left)

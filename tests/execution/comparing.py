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
    errors = [(error.message, repr(error.path), repr(error.locations)) for error in result.errors or []]
    return Outcome(repr(result.data), errors, not late, world.log)


async def both(document: DocumentNode, case: Case) -> tuple[Outcome, Outcome]:
    """graphql-core's first."""
    return await outcome(graphql.execute, document, case), await outcome(execute, document, case)


async def _quiet(others: set[asyncio.Task[Any]]) -> None:
    """What an error left behind may still tell the log; `others` are not of this run."""
    while left := asyncio.all_tasks() - others:
        await asyncio.wait(left)

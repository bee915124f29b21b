"""One document through two engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import graphql
from graphql import DocumentNode, ExecutionResult, parse
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
    answered = engine(SCHEMA, document, root, world, case.variables, **case.options)
    late = is_awaitable(answered)
    result: ExecutionResult = await answered if late else answered
    await _quiet()
    errors = [(error.message, repr(error.path), repr(error.locations)) for error in result.errors or []]
    return Outcome(repr(result.data), errors, not late, world.log)


async def both(case: Case) -> tuple[Outcome, Outcome]:
    """Reference first. The compiled plan runs twice: it must not remember anything of its first run."""
    document = parse(case.source)
    reference = await outcome(graphql.execute, document, case)
    await outcome(execute, document, case)
    return reference, await outcome(execute, document, case)


async def _quiet() -> None:
    """What an error left behind may still tell the log."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)

"""Breadth first: the edges that a piece of an answer left open are loaded together, one call a loader and level.

A plan notes an edge where it meets one and goes on. Whoever ends that piece of work takes what was noted and drains it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import located_error
from graphql.pyutils import Path, gather_with_cancel

if TYPE_CHECKING:
    from execution.declared import Load
    from execution.running import Run
    from execution.steps import FieldStep, Step

Noted: TypeAlias = "tuple[FieldStep, dict[str, Any], Path | None, Any]"
"""Which field, the object that waits for it, the object's path, and the key (the parent, where access is checked)."""
Open: TypeAlias = "tuple[dict[str, Any], Path | None, Any]"


async def drain(run: Run, noted: Sequence[Noted]) -> None:
    """Load the edges and complete them, then those below them, until nothing is open."""
    while noted:
        groups = _groups(run, noted)
        await _load(groups)
        pending: list[Awaitable[None]] = []
        for group in groups:
            _complete(run, group, pending)
        noted = run.taken()
        if pending:
            await gather_with_cancel(*pending, drain(run, noted))
            return


def lost(run: Run, step: Step, path: Path, raw: Exception) -> None:
    """The value at `path` is null because of `raw`, and so is what is above it where it may not be null."""
    error = located_error(raw, step.nodes, path.as_list())
    above: Step | None = step
    place: Path | None = path
    while above is not None and above.non_null:
        assert place is not None
        above, place = above.above, place.prev
    run.note(error, place)
    if place is not path:
        run.holes.append(place)


@dataclass(slots=True)
class _Group:
    """The open positions of one field."""

    step: FieldStep
    load: Load
    found: dict[Any, Any]
    wanted: dict[Any, None] = field(default_factory=dict)
    positions: list[Open] = field(default_factory=list)


def _groups(run: Run, noted: Sequence[Noted]) -> list[_Group]:
    by_step: dict[FieldStep, list[Open]] = {}
    for step, answers, path, key in noted:
        if not run.is_nulled(path):
            by_step.setdefault(step, []).append((answers, path, key))
    asked: dict[Load, dict[Any, None]] = {}
    groups: list[_Group] = []
    for step, positions in by_step.items():
        group = _group(run, step, positions)
        if group is None:
            continue
        groups.append(group)
        before = asked.setdefault(group.load, group.wanted)
        if before is not group.wanted:  # the same loader in two places: one call for both
            before.update(group.wanted)
            group.wanted = {}
    return groups


def _group(run: Run, step: FieldStep, positions: list[Open]) -> _Group | None:
    assert step.edge is not None
    try:
        if step.edge.check is not None:
            step.edge.check(run.context)
        load = step.edge.batch(run.context)
        group = _Group(step, load, run.loaded.setdefault(load, {}))
    except Exception as error:
        for _, path, _ in positions:
            lost(run, step, _place(step, path), error)
        return None
    for answers, path, held in positions:
        try:
            key = held if step.edge.check is None else step.edge.key(held)
            if key is not None and key not in group.found:
                group.wanted[key] = None
        except Exception as error:
            lost(run, step, _place(step, path), error)
        else:
            group.positions.append((answers, path, key))
    return group


async def _load(groups: Sequence[_Group]) -> None:
    """All loaders at once; the first one needs no task of its own."""
    calls = [_loaded(group.load, list(group.wanted), group.found) for group in groups if group.wanted]
    if not calls:
        return
    tasks = [asyncio.ensure_future(call) for call in calls[1:]]
    try:
        await calls[0]
        for task in tasks:
            await task
    finally:
        for task in tasks:
            task.cancel()


async def _loaded(load: Load, keys: list[Any], found: dict[Any, Any]) -> None:
    try:
        values = await load(keys)
        found.update(zip(keys, values, strict=True))
    except Exception as error:
        found.update(dict.fromkeys(keys, error))


def _complete(run: Run, group: _Group, pending: list[Awaitable[None]]) -> None:
    step, found, plain = group.step, group.found, group.step.plain
    made: dict[Any, Any] = {}
    for answers, path, key in group.positions:
        if plain is not None and key is not None:
            try:
                answers[step.key] = made[key] if key in made else made.setdefault(key, plain(found[key]))
                continue
            except Exception:  # something unusual, which is completed with care, and fails there if it does
                made.pop(key, None)
        place = _place(step, path)
        try:
            answer = step.complete(run, place, None, None if key is None else found[key])
        except Exception as error:
            answer = None
            lost(run, step, place, error)
        if type(answer) is CoroutineType:
            pending.append(_awaited(run, step, answers, place, answer))
        answers[step.key] = answer


async def _awaited(run: Run, step: FieldStep, answers: dict[str, Any], path: Path, completing: Awaitable[Any]) -> None:
    try:
        answers[step.key] = await completing
    except Exception as error:
        answers[step.key] = None
        lost(run, step, path, error)


def _place(step: FieldStep, path: Path | None) -> Path:
    return Path(path, step.key, step.parent.name)

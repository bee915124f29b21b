"""Breadth first: the edges that a piece of an answer left open are loaded together, one call a loader and level.

A plan notes an edge where it meets one and goes on. Whoever ends that piece of work takes what was noted and drains it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Generator, Sequence
from dataclasses import dataclass
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import located_error
from graphql.pyutils import Path, gather_with_cancel

if TYPE_CHECKING:
    from execution.declared import Load
    from execution.running import Run
    from execution.steps import FieldStep, Step

Open: TypeAlias = "tuple[dict[str, Any], Path | None, Any]"
"""The object that waits for an edge, its path, and the key (where access is checked: the parent)."""


class Noted(dict["FieldStep", list[Open]]):
    """Edges that a piece of an answer left open, by their fields."""

    def __missing__(self, step: FieldStep) -> list[Open]:
        positions: list[Open] = []
        self[step] = positions
        return positions

    def join(self, others: Noted) -> None:
        """Add those of another piece."""
        for step, positions in others.items():
            self[step] += positions


class Joining:
    """Edges of several pieces of work that are drained together; given up when nobody waits for them any more."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._noted = Noted()
        self._waiting = 0
        self._task = asyncio.ensure_future(self._drain())

    def join(self, noted: Noted) -> Awaitable[None]:
        """Add the edges of a piece; ends when all are complete."""
        self._noted.join(noted)
        self._waiting += 1
        return self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._waiting -= 1
            if not self._waiting:
                self._close()
                self._task.cancel()
            raise

    async def _drain(self) -> None:
        await asyncio.sleep(0)
        self._close()
        await drain(self._run, self._noted)

    def _close(self) -> None:
        """Who comes from now on is too late for these."""
        if self._run.joining is self:
            self._run.joining = None


async def drain(run: Run, noted: Noted) -> None:
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
    positions: list[Open]
    wanted: dict[Any, None]


def _groups(run: Run, noted: Noted) -> list[_Group]:
    groups: list[_Group] = []
    asked: dict[Load, dict[Any, None]] = {}
    for step, positions in noted.items():
        wait = [position for position in positions if not run.is_nulled(position[1])] if run.errors else positions
        group = _group(run, step, wait)
        if group is None:
            continue
        groups.append(group)
        before = asked.setdefault(group.load, group.wanted)
        if before is not group.wanted:  # the same loader in two places: one call for both
            before.update(group.wanted)
            group.wanted = {}
    return groups


def _group(run: Run, step: FieldStep, positions: list[Open]) -> _Group | None:
    edge = step.edge
    assert edge is not None
    try:
        if edge.check is not None:
            edge.check(run.context)
        load = edge.batch(run.context)
        found = run.loaded.setdefault(load, {})
    except Exception as error:
        for _, path, _ in positions:
            lost(run, step, _place(step, path), error)
        return None
    if edge.check is not None:
        keyed = [_with_key(run, step, position) for position in positions]
        positions = [position for position in keyed if position is not None]
    return _Group(step, load, found, *_wanted(run, step, positions, found))


def _with_key(run: Run, step: FieldStep, position: Open) -> Open | None:
    assert step.edge is not None
    answers, path, parent = position
    try:
        return answers, path, step.edge.key(parent)
    except Exception as error:
        lost(run, step, _place(step, path), error)
        return None


def _wanted(
    run: Run, step: FieldStep, positions: list[Open], found: dict[Any, Any]
) -> tuple[list[Open], dict[Any, None]]:
    """The positions, and their keys that were not loaded yet. What cannot be a key fails its position."""
    wanted: dict[Any, None] = {}
    failed: set[int] = set()
    for number, (_, path, key) in enumerate(positions):
        try:
            if key not in found and key is not None:
                wanted[key] = None
        except TypeError as error:
            failed.add(number)
            lost(run, step, _place(step, path), error)
    if failed:
        positions = [position for number, position in enumerate(positions) if number not in failed]
    return positions, wanted


async def _load(groups: Sequence[_Group]) -> None:
    """All loaders at once. Those that had nothing to wait for last time come first, and then need no task."""
    calls = [
        (group.step, _loaded(group.load, list(group.wanted), group.found))
        for group in sorted(groups, key=lambda group: not group.step.is_quick)
        if group.wanted
    ]
    if calls:
        await _together(calls)


@coroutine
def _together(calls: Sequence[tuple[FieldStep, Coroutine[Any, Any, None]]]) -> Generator[Any, Any, None]:
    """Run one after the other until one has to wait; those behind it run beside it from then on."""
    left = list(calls)
    tasks: list[asyncio.Future[None]] = []
    try:
        while left:
            step, call = left.pop(0)
            try:
                signal = call.send(None)
            except StopIteration:
                step.is_quick = True
                continue
            step.is_quick = False
            tasks = [asyncio.ensure_future(other) for _, other in left]
            left = []
            yield from _resumed(call, signal)
        for task in tasks:
            yield from task
    finally:
        for _, other in left:
            other.close()
        for task in tasks:
            task.cancel()


def _resumed(call: Coroutine[Any, Any, None], signal: Any) -> Generator[Any, Any, None]:
    """The rest of a call that is waiting for `signal`."""
    try:
        while True:
            try:
                sent = yield signal
            except GeneratorExit:
                call.close()
                raise
            except BaseException as error:
                signal = call.throw(error)
            else:
                signal = call.send(sent)
    except StopIteration:
        return


async def _loaded(load: Load, keys: list[Any], found: dict[Any, Any]) -> None:
    try:
        values = await load(keys)
        found.update(zip(keys, values, strict=True))
    except Exception as error:
        found.update(dict.fromkeys(keys, error))


def _complete(run: Run, group: _Group, pending: list[Awaitable[None]]) -> None:
    step, found = group.step, group.found
    name, plain = step.key, step.plain
    made: dict[Any, Any] = {}
    for answers, path, key in group.positions:
        answer = made.get(key)
        if answer is None and plain is not None and key is not None:
            try:
                answer = made[key] = plain(found[key])
            except Exception:  # something unusual, which is completed with care, and fails there if it does
                answer = None
        if answer is None:
            answer = _with_care(run, step, _place(step, path), None if key is None else found[key])
            if type(answer) is CoroutineType:
                pending.append(_awaited(run, step, answers, _place(step, path), answer))
        answers[name] = answer


def _with_care(run: Run, step: FieldStep, path: Path, value: Any) -> Any:
    try:
        return step.complete(run, path, None, value)
    except Exception as error:
        lost(run, step, path, error)


async def _awaited(run: Run, step: FieldStep, answers: dict[str, Any], path: Path, completing: Awaitable[Any]) -> None:
    try:
        answers[step.key] = await completing
    except Exception as error:
        answers[step.key] = None
        lost(run, step, path, error)


def _place(step: FieldStep, path: Path | None) -> Path:
    return tuple.__new__(Path, (path, step.key, step.parent.name))

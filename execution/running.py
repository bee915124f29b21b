"""One run of a plan: what its resolvers are told, the errors it met, and the work that outlives an error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers

from execution.edges import Joining, Noted, drain

IsAwaitable: TypeAlias = Callable[[Any], TypeGuard[Awaitable[Any]]]
InfoAs: TypeAlias = Callable[[GraphQLResolveInfo[Any]], Any]
Info: TypeAlias = "GraphQLResolveInfo[Any] | None"

if TYPE_CHECKING:
    from execution.declared import Load
    from execution.steps import FieldStep, Step


class Run:
    """Everything that differs between two runs of the same plan.

    `edges` are those that the piece of work at hand left open; `holes` are places that turned out to be null when what
    is above them stood already.
    """

    __slots__ = (
        "_background",
        "_nulled",
        "awaitable",
        "context",
        "edges",
        "errors",
        "holes",
        "info_as",
        "joining",
        "loaded",
        "root",
        "variables",
    )

    def __init__(
        self,
        root: object,
        context: object,
        variables: VariableValues,
        awaitable: IsAwaitable = is_awaitable,
        info_as: InfoAs | None = None,
    ) -> None:
        self.awaitable = awaitable
        self.info_as = info_as
        self.root = root
        self.context = context
        self.variables = variables
        self.errors: list[GraphQLError] = []
        self.edges = Noted()
        self.holes: list[Path | None] = []
        self.loaded: dict[Load, dict[Any, Any]] = {}
        self.joining: Joining | None = None
        self._nulled: set[Path | None] = set()
        self._background: set[asyncio.Future[Any]] = set()

    @property
    def helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers are given to work with awaitables."""
        return GraphQLResolveInfoHelpers(gather=gather, track=self.track)

    def fail(self, step: Step, path: Path, raw: Exception) -> None:
        """The value at `path` is null because of `raw`; where it may not be null, its parent hears of it.

        Raises:
            GraphQLError: the position is non-null.
        """
        error = located_error(raw, step.nodes, path.as_list())
        if step.non_null:
            raise error
        self.note(error, path)

    def note(self, error: GraphQLError, path: Path | None) -> None:
        """Tell the client of an error, unless what it belongs to is null for another reason already."""
        if not self.is_nulled(path):
            self._nulled.add(path)
            self.errors.append(error)

    def is_nulled(self, path: Path | None) -> bool:
        """Whether this place, or one above it, is null because of an error."""
        if not self._nulled:
            return False
        above = path
        while above is not None:
            if above in self._nulled:
                return True
            above = above.prev
        return None in self._nulled

    def taken(self) -> Noted:
        """The edges that the piece of work at hand left open, now the caller's to drain."""
        edges = self.edges
        if edges:
            self.edges = Noted()
        return edges

    async def settled(self, completed: Any, *, many: bool) -> Any:
        """End a piece of work: `completed` with all its edges. `many`: others of its kind may end at the same time."""
        noted = self.taken()
        if not noted:
            return await completed if self.awaitable(completed) else completed
        draining = self._joined(noted) if many else drain(self, noted)
        if self.awaitable(completed):
            return (await gather_with_cancel(completed, draining))[0]
        await draining
        return completed

    def result(self, data: Any) -> ExecutionResult:
        """The answer."""
        for place in self.holes:
            data = _without(data, place)
        return ExecutionResult(data, self.errors or None)

    def _joined(self, noted: Noted) -> Awaitable[None]:
        """Items of a list that end in the same turn of the loop have their edges drained together."""
        if self.joining is None:
            self.joining = Joining(self)
        return self.joining.join(noted)

    def abandon(self, awaitables: list[Awaitable[Any]]) -> None:
        """Nobody waits for these any more: let them end by themselves, or close them where no loop is running."""
        if not awaitables:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            for awaitable in awaitables:
                if iscoroutine(awaitable):
                    awaitable.close()
            return
        ending = asyncio.gather(*awaitables, return_exceptions=True)
        self._background.add(ending)
        ending.add_done_callback(self._background.discard)

    def track(self, values: Sequence[Any]) -> None:
        """What a resolver began and does not wait for itself."""
        self.abandon([value for value in values if self.awaitable(value)])


def gather(awaitables: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    """All at once; the first failure cancels the others."""
    return gather_with_cancel(*awaitables)


def left_in(run: Run, items: Iterator[Any]) -> list[Awaitable[Any]]:
    """Awaitables that a list still holds after one of its items failed."""
    left: list[Awaitable[Any]] = []
    with suppress(Exception):
        left.extend(item for item in items if run.awaitable(item))
    return left


async def whole(answers: Any, pending: Sequence[Any]) -> Any:
    """An object or a list whose `pending` keys are still being computed, with these awaited together."""
    if len(pending) == 1:
        answers[pending[0]] = await answers[pending[0]]
        return answers
    awaited = await gather_with_cancel(*(answers[key] for key in pending))
    for key, value in zip(pending, awaited, strict=True):
        answers[key] = value
    return answers


async def later(run: Run, step: Step, path: Path, info: Info, awaitable: Awaitable[Any]) -> Any:
    """Complete what a resolver, or an item of a list, promised."""
    try:
        value = await awaitable
        try:
            completed = step.complete(run, path, info, value)
        except Exception:
            run.edges.clear()
            raise
        return await run.settled(completed, many=step.many) if run.edges or run.awaitable(completed) else completed
    except Exception as error:
        return run.fail(step, path, error)


async def guarded(run: Run, step: Step, path: Path, completing: Awaitable[Any]) -> Any:
    """A value that is being completed; its failure belongs to this position."""
    try:
        return await completing
    except Exception as error:
        return run.fail(step, path, error)


def finish(run: Run, step: Step, path: Path, info: Info, value: Any) -> Any:
    """Complete any value whatever it is; a coroutine when it must be waited for."""
    try:
        if run.awaitable(value):
            return later(run, step, path, info, value)
        completed = step.complete(run, path, info, value)
    except Exception as error:
        return run.fail(step, path, error)
    return guarded(run, step, path, completed) if run.awaitable(completed) else completed


def finish_default(run: Run, step: FieldStep, path: Path, info: Info, value: Any) -> Any:
    """The same for what was read from the parent: a method is called first."""
    try:
        if callable(value):
            info = info or step.told(run, path)
            value = value(info, **step.arguments(run))
    except Exception as error:
        return run.fail(step, path, error)
    return finish(run, step, path, info, value)


def _without(data: Any, place: Path | None) -> Any:
    """The data with null at a place, if the place is still there."""
    if place is None:
        return None
    *above, last = place.as_list()
    found = data
    for key in above:
        if found is None:
            return data
        found = found[key]
    if found is not None:
        found[last] = None
    return data

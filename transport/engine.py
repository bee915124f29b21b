"""What executes the operations of a schema: compiled plans, or graphql-core as strawberry sets it up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, Protocol

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLResolveInfo, GraphQLSchema
from orjson import Fragment

# strawberry's own shape of what resolvers are told; there is no public way to it.
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as ResolveInfo

from execution.execute import compile_ahead, execute
from execution.mode import ExecutionMode
from execution.subscribe import OpenedSource, open_source
from transport.asking import Asked
from transport.preparing import Prepared
from transport.reference import IS_AWAITABLE, execute_by_reference, open_by_reference


class Sharing(Protocol):
    """Answers by one call what several ask of one thing within a turn of the event loop. The call begins when all of
    them have asked, so each sees what was true then; it is cancelled once nobody waits for it any more, and a failure
    is told to each.
    """

    async def answers(
        self, thing: Hashable, keys: Collection[Any], call: Callable[[list[Any]], Awaitable[Mapping[Any, Any]]]
    ) -> Mapping[Any, Any]:
        """The answers to these keys."""
        ...


class Engine:
    """Runs documents that were prepared."""

    def __init__(
        self,
        schema: GraphQLSchema,
        mode: ExecutionMode,
        sharing: Sharing | None = None,
        *,
        suggests_names: bool = True,
    ) -> None:
        self.mode = mode
        self._hides_names = not suggests_names
        self._schema = schema
        self._sharing = sharing

    def get_ready(self, documents: Iterable[DocumentNode]) -> None:
        """Compile what is known before anybody asks."""
        if self.mode is not ExecutionMode.REFERENCE:
            compile_ahead(self._schema, documents)

    def executed(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult | Awaitable[ExecutionResult]:
        """A query or a mutation."""
        if self.mode is ExecutionMode.EAGER or (self.mode is ExecutionMode.COMPILED and prepared.is_known):
            if self._sharing is not None and prepared.meant(asked.name) in prepared.lifetimes:
                return self._executed_for_all(self._sharing, prepared, asked, context)
            return self._compiled(prepared, asked, context)
        return execute_by_reference(
            self._schema,
            prepared.document,
            context,
            asked.variables,
            asked.name,
            hide_suggestions=self._hides_names,
        )

    def _compiled(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult | Awaitable[ExecutionResult]:
        return execute(
            self._schema,
            prepared.document,
            None,
            context,
            asked.variables,
            asked.name,
            is_awaitable=IS_AWAITABLE,
            info_as=as_strawberry,
            hide_suggestions=self._hides_names,
        )

    async def _executed_for_all(
        self, sharing: Sharing, prepared: Prepared, asked: Asked, context: Any
    ) -> ExecutionResult:
        """What is the same for all is executed once for those who ask now, and written once; each reads a copy."""
        try:
            given = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a file among them
            result = self._compiled(prepared, asked, context)
            return result if isinstance(result, ExecutionResult) else await result

        async def call(_: object) -> dict[None, ExecutionResult]:
            result = self._compiled(prepared, asked, context)
            return {None: _written(result if isinstance(result, ExecutionResult) else await result)}

        answers: Mapping[None, ExecutionResult] = await sharing.answers((prepared, asked.name, given), (None,), call)
        return answers[None]

    async def opened(self, prepared: Prepared, asked: Asked, context: Any) -> OpenedSource | ExecutionResult:
        """A subscription's source, or why there is none."""
        if self.mode is ExecutionMode.REFERENCE:
            return await open_by_reference(
                self._schema,
                prepared.document,
                context,
                asked.variables,
                asked.name,
                hide_suggestions=self._hides_names,
            )
        return await open_source(
            self._schema,
            prepared.document,
            None,
            context,
            asked.variables,
            asked.name,
            info_as=as_strawberry,
            executor_class=StrawberryExecutor,
            hide_suggestions=self._hides_names,
        )


def _written(result: ExecutionResult) -> ExecutionResult:
    """The same with its data as the bytes that it will be in each answer."""
    try:
        data: Any = None if result.data is None else Fragment(orjson.dumps(result.data))
        return ExecutionResult(data, result.errors)
    except TypeError:  # a scalar answered what JSON has no form for, which each client is told
        return result


def as_strawberry(info: GraphQLResolveInfo[Any]) -> Any:
    """What strawberry's resolvers are told: variables are a plain mapping."""
    return ResolveInfo(*info[:9], info[9].coerced, *info[10:], operation_extensions=None)  # type: ignore[arg-type]

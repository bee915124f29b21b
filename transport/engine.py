"""What executes the operations of a schema: compiled plans, or graphql-core as strawberry sets it up."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLResolveInfo, GraphQLSchema

# strawberry's own shape of what resolvers are told; there is no public way to it.
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as ResolveInfo

from execution.execute import compile_ahead, execute
from execution.mode import ExecutionMode
from execution.subscribe import OpenedSource, open_source
from transport.asking import Asked
from transport.preparing import Prepared
from transport.reference import IS_AWAITABLE, execute_by_reference, open_by_reference


class Engine:
    """Runs documents that were prepared."""

    def __init__(self, schema: GraphQLSchema, mode: ExecutionMode) -> None:
        self.mode = mode
        self._schema = schema

    def get_ready(self, documents: Iterable[DocumentNode]) -> None:
        """Compile what is known before anybody asks."""
        if self.mode is not ExecutionMode.REFERENCE:
            compile_ahead(self._schema, documents)

    def executed(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult | Awaitable[ExecutionResult]:
        """A query or a mutation."""
        if self.mode is ExecutionMode.EAGER or (self.mode is ExecutionMode.COMPILED and prepared.is_known):
            return execute(
                self._schema,
                prepared.document,
                None,
                context,
                asked.variables,
                asked.name,
                is_awaitable=IS_AWAITABLE,
                info_as=as_strawberry,
            )
        return execute_by_reference(self._schema, prepared.document, context, asked.variables, asked.name)

    async def opened(self, prepared: Prepared, asked: Asked, context: Any) -> OpenedSource | ExecutionResult:
        """A subscription's source, or why there is none."""
        if self.mode is ExecutionMode.REFERENCE:
            return await open_by_reference(self._schema, prepared.document, context, asked.variables, asked.name)
        return await open_source(
            self._schema,
            prepared.document,
            None,
            context,
            asked.variables,
            asked.name,
            info_as=as_strawberry,
            executor_class=StrawberryExecutor,
        )


def as_strawberry(info: GraphQLResolveInfo[Any]) -> Any:
    """What strawberry's resolvers are told: variables are a plain mapping."""
    return ResolveInfo(*info[:9], info[9].coerced, *info[10:], operation_extensions=None)  # type: ignore[arg-type]

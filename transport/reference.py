"""Operations executed by graphql-core alone, as strawberry sets it up: what the compiled ones are held against."""

from __future__ import annotations

from collections.abc import Awaitable
from inspect import isawaitable
from typing import Any, Final, cast

import graphql
from graphql import DocumentNode, ExecutionResult, GraphQLSchema
from graphql.execution import create_source_event_stream, execute_subscription_event
from strawberry.execution import optimized_is_awaitable

# strawberry's executor tells resolvers what they expect; there is no public way to it.
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor

from execution.running import IsAwaitable
from execution.subscribe import OpenedSource

# strawberry types it as a plain test.
IS_AWAITABLE: Final = cast(IsAwaitable, optimized_is_awaitable)


def execute_by_reference(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: Any,
    variables: dict[str, Any] | None,
    name: str | None,
    *,
    hide_suggestions: bool = False,
) -> ExecutionResult | Awaitable[ExecutionResult]:
    """A query or a mutation."""
    return graphql.execute(
        schema,
        document,
        None,
        context,
        variables,
        name,
        is_awaitable=IS_AWAITABLE,
        executor_class=StrawberryExecutor,
        hide_suggestions=hide_suggestions,
    )


async def open_by_reference(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: Any,
    variables: dict[str, Any] | None,
    name: str | None,
    *,
    hide_suggestions: bool = False,
) -> OpenedSource | ExecutionResult:
    """A subscription, or why there is none."""
    executor = StrawberryExecutor.build(
        schema, document, None, context, variables, name, hide_suggestions=hide_suggestions
    )
    if isinstance(executor, list):
        return ExecutionResult(None, executor)
    source = create_source_event_stream(executor)
    if isawaitable(source):
        source = await source
    if isinstance(source, ExecutionResult):
        return source
    return OpenedSource(source, lambda event: execute_subscription_event(executor.build_per_event_executor(event)))

"""The door for subscriptions: takes and answers what `graphql.subscribe` does, each event by a compiled plan."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import graphql
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    located_error,
)
from graphql.execution import Executor
from graphql.execution.async_iterables import aclosing
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, inspect, is_async_iterable
from graphql.pyutils import is_awaitable as default_is_awaitable

from execution.classes import is_cast
from execution.declared import itself
from execution.execute import may_be_compiled, plan_of
from execution.plan import Compiled, answer
from execution.running import InfoAs, IsAwaitable, Run
from execution.steps import FieldStep

Answer: TypeAlias = ExecutionResult | Awaitable[ExecutionResult]


def _never(event: Any) -> None:  # noqa: ARG001  # what is not compiled knows nothing of its events
    return None


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A subscription that was let in: what its resolver answered, and how one event becomes an answer.

    `answer` answers every event, at once when nothing below it has to be waited for. `plain_answer` is quicker about
    those that need nothing but reads, no resolver and no context, and answers None for all else.
    """

    source: Any
    answer: Callable[[Any], Answer]
    plain_answer: Callable[[Any], ExecutionResult | None] = _never


def subscribe(
    schema: GraphQLSchema,
    document: DocumentNode,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: dict[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    is_awaitable: IsAwaitable | None = None,
    info_as: InfoAs | None = None,
    **options: Any,
) -> AsyncIterator[ExecutionResult] | ExecutionResult | Awaitable[AsyncIterator[ExecutionResult] | ExecutionResult]:
    """Create the answers of a subscription of a document that was validated.

    Plans, further options and `info_as` are as with `execute`. A refusal before the first event is an ExecutionResult;
    closing what is answered closes the source.

    Raises:
        GraphQLError: the operation is no subscription.
    """
    opening = _Opening.of(schema, document, variable_values, operation_name, options, info_as)
    if opening is None:
        if is_awaitable is not None:
            options["is_awaitable"] = is_awaitable
        return graphql.subscribe(
            schema, document, root_value, context_value, variable_values, operation_name, **options
        )
    if isinstance(opening, ExecutionResult):
        return opening
    opened = opening.open(root_value, context_value, is_awaitable or default_is_awaitable, _event_stream)
    if isinstance(opened, OpenedSource | ExecutionResult):
        return _responses(opened)
    return _later_responses(opened)


async def open_source(  # noqa: PLR0913  # what `graphql.subscribe` takes
    schema: GraphQLSchema,
    document: DocumentNode,
    root: Any,
    context: Any,
    variables: dict[str, Any] | None = None,
    operation_name: str | None = None,
    info_as: InfoAs | None = None,
    executor_class: type[Executor[Any]] = ExecutorThrowingOnIncremental,
    *,
    hide_suggestions: bool = False,
) -> OpenedSource | ExecutionResult:
    """Call the resolver of a subscription and leave it to the caller to listen; an ExecutionResult is a refusal.

    The source is whatever the resolver answered, an async iterator or something shared by many listeners.
    `executor_class` serves what is not compiled.

    Raises:
        GraphQLError: the operation is no subscription.
    """
    opening = _Opening.of(schema, document, variables, operation_name, {}, info_as, hide_suggestions=hide_suggestions)
    if isinstance(opening, ExecutionResult):
        return opening
    if opening is None:
        return await _uncompiled(
            executor_class,
            schema,
            document,
            root,
            context,
            variables,
            operation_name,
            hide_suggestions=hide_suggestions,
        )
    opened = opening.open(root, context, default_is_awaitable, _no_exception)
    return opened if isinstance(opened, OpenedSource | ExecutionResult) else await opened


@dataclass(frozen=True, slots=True)
class _Opening:
    """A compiled subscription before its resolver was called."""

    compiled: Compiled
    field: FieldStep
    variables: VariableValues
    info_as: InfoAs | None

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        given: dict[str, Any] | None,
        operation_name: str | None,
        options: dict[str, Any],
        info_as: InfoAs | None,
        *,
        hide_suggestions: bool = False,
    ) -> _Opening | ExecutionResult | None:
        """None for what graphql-core does itself: also all that is wrong with the document."""
        plan = plan_of(schema, document, operation_name) if may_be_compiled(options, info_as) else None
        if plan is None or plan.request.operation.operation is not OperationType.SUBSCRIPTION:
            return None
        variables = plan.variables.coerced(given, hide_suggestions=hide_suggestions)
        if isinstance(variables, list):
            return ExecutionResult(None, variables)
        compiled = plan.compiled(variables)
        if compiled is None or compiled.first is None:
            return None
        return cls(compiled, compiled.first, variables, info_as)

    def open(
        self, root: Any, context: Any, is_awaitable: IsAwaitable, checked: Callable[[Any], Any]
    ) -> OpenedSource | ExecutionResult | Awaitable[OpenedSource | ExecutionResult]:
        """Call the resolver; `checked` raises when its answer cannot be listened to."""
        run = Run(root, context, self.variables, is_awaitable, self.info_as)
        field = self.field
        path = Path(None, field.key, field.parent.name)

        plain_answer = partial(_plainly, field)

        def render(event: Any) -> Answer:
            return answer(self.compiled.answering, Run(event, context, self.variables, is_awaitable, self.info_as))

        def refused(error: Exception) -> ExecutionResult:
            return ExecutionResult(None, [located_error(error, field.nodes, path.as_list())])

        async def opened_later(source: Awaitable[Any]) -> OpenedSource | ExecutionResult:
            try:
                return OpenedSource(checked(await source), render, plain_answer)
            except Exception as error:
                return refused(error)

        try:
            resolve = field.field.subscribe or default_field_resolver
            source = resolve(root, field.told(run, path), **field.arguments(run))
            if is_awaitable(source):
                return opened_later(source)
            return OpenedSource(checked(source), render, plain_answer)
        except Exception as error:
            return refused(error)


def _plainly(field: FieldStep, event: Any) -> ExecutionResult | None:
    """The answer about an event of a class that is known to need nothing but reads; None for all others."""
    plain = field.plain_by_class.get(type(event))
    if plain is None or field.read is not itself or is_cast(event):
        return None
    try:
        return ExecutionResult({field.key: plain(event)}, None)
    except Exception:  # something unusual, which is completed with care, and fails there if it does
        return None


async def _uncompiled(
    executor_class: type[Executor[Any]],
    schema: GraphQLSchema,
    document: DocumentNode,
    root: Any,
    context: Any,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    *,
    hide_suggestions: bool,
) -> OpenedSource | ExecutionResult:
    executor = executor_class.build(
        schema, document, root, context, variables, operation_name, hide_suggestions=hide_suggestions
    )
    if isinstance(executor, list):
        return ExecutionResult(None, executor)
    if executor.operation.operation is not OperationType.SUBSCRIPTION:
        raise GraphQLError("Expected subscription operation.")
    opened = graphql.create_source_event_stream(executor)
    source = await opened if isinstance(opened, Awaitable) else opened
    if isinstance(source, ExecutionResult):
        return source
    return OpenedSource(
        source, lambda event: graphql.execute_subscription_event(executor.build_per_event_executor(event))
    )


def _responses(opened: OpenedSource | ExecutionResult) -> AsyncIterator[ExecutionResult] | ExecutionResult:
    return opened if isinstance(opened, ExecutionResult) else _answers(opened)


async def _later_responses(
    opened: Awaitable[OpenedSource | ExecutionResult],
) -> AsyncIterator[ExecutionResult] | ExecutionResult:
    return _responses(await opened)


async def _answers(opened: OpenedSource) -> AsyncGenerator[ExecutionResult, None]:
    async with aclosing(aiter(opened.source)) as events:
        async for event in events:
            answered = opened.plain_answer(event) or opened.answer(event)
            yield answered if isinstance(answered, ExecutionResult) else await answered


def _no_exception(source: Any) -> Any:
    if isinstance(source, Exception):
        raise source
    return source


def _event_stream(source: Any) -> Any:
    if not is_async_iterable(_no_exception(source)):
        raise GraphQLError(f"Subscription field must return AsyncIterable. Received: {inspect(source)}.")
    return source

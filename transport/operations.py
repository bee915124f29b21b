"""Runs the operations of one schema, whatever they came by: admitted, prepared, executed, told as bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import (
    ASTValidationRule,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
)
from strawberry.schema.base import BaseSchema

# strawberry's own shape of what resolvers are told; there is no public way to it.
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as ResolveInfo

from execution.execute import compile_ahead, execute
from execution.mode import ExecutionMode
from execution.subscribe import OpenedSource, open_source
from transport.asking import Asked
from transport.documents import RULES, Documents, Faulty
from transport.encoding import encode
from transport.limits import Limits, over_limit
from transport.persisted import NothingPersisted, PersistedDocuments
from transport.policy import Plain, Policy
from transport.preparing import Prepared, shaping_variables
from transport.reference import IS_AWAITABLE, execute_by_reference, open_by_reference
from transport.shared import Render
from transport.uploads import refuse_json_as_uploads

OPERATION_SECONDS_MAX: Final = 10.0
TOO_LONG: Final = "The operation took too long."
NO_STREAM: Final = "Subscriptions need a stream: a socket, text/event-stream, or multipart/mixed."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets. `has_run` is false where nothing was executed: the request itself was at fault."""

    body: bytes
    has_run: bool = True


@dataclass(frozen=True, slots=True)
class Stream:
    """An open subscription. `source` is what the resolver answered, `render` makes of an event what the client gets.

    Streams of equal `likeness` render an event alike, as far as the viewer does not matter.
    """

    source: Any
    render: Render
    likeness: Hashable


class Operations:
    """The operations of a schema."""

    def __init__(
        self,
        schema: BaseSchema,
        *,
        policy: Policy | None = None,
        persisted: PersistedDocuments | None = None,
        limits: Limits | None = None,
        mode: ExecutionMode = ExecutionMode.COMPILED,
        suggests_names: bool = True,
        rules: Sequence[type[ASTValidationRule]] = RULES,
    ) -> None:
        self.mode = mode
        self._schema = schema._schema  # type: ignore[attr-defined]  # strawberry names no public way to graphql-core's
        refuse_json_as_uploads(self._schema)
        self._policy: Policy = policy or Plain()
        self._limits = limits or Limits()
        self._documents = Documents(
            self._schema,
            policy=self._policy,
            persisted=persisted or NothingPersisted(),
            suggests_names=suggests_names,
            limits=self._limits,
            rules=rules,
        )
        self.prepared = self._documents.prepared

    def trust(self, texts: Iterable[str]) -> None:
        """Documents of our own apps: found by their id as well, kept for good, and compiled before anybody asks.

        Raises:
            Faulty: one of them is not valid for this schema.
        """
        documents = self._documents.trust(texts)
        if self.mode is not ExecutionMode.REFERENCE:
            compile_ahead(self._schema, documents)

    async def execute(self, asked: Asked, context: Any) -> Answer:
        """Answer a query or a mutation."""
        try:
            prepared, operation = await self._admitted(asked, context)
        except Faulty as faulty:
            return self._refused(faulty.errors, context)
        except GraphQLError as error:
            return self._refused([error], context)
        if operation.operation is OperationType.SUBSCRIPTION:
            return self._refused([GraphQLError(NO_STREAM)], context)
        result = self._executed(prepared, asked, context)
        return self._answer(result if isinstance(result, ExecutionResult) else await result, context)

    async def open(self, asked: Asked, context: Any) -> Answer | Stream:
        """Begin a subscription, or answer any other operation."""
        try:
            prepared, operation = await self._admitted(asked, context)
        except Faulty as faulty:
            return self._refused(faulty.errors, context)
        except GraphQLError as error:
            return self._refused([error], context)
        if operation.operation is not OperationType.SUBSCRIPTION:
            result = self._executed(prepared, asked, context)
            return self._answer(result if isinstance(result, ExecutionResult) else await result, context)
        opened = await self._opened(prepared, asked, context)
        if isinstance(opened, ExecutionResult):
            return Answer(self._told(opened, context))
        return Stream(opened.source, self._rendering(opened, context), likeness(prepared, operation, asked))

    def fault(self, raised: Exception, context: Any) -> list[Any]:
        """What the client reads of an exception that ended its stream."""
        error = raised if isinstance(raised, GraphQLError) else GraphQLError(str(raised), original_error=raised)
        return [told.formatted for told in self._policy.told([error], context)]

    async def _admitted(self, asked: Asked, context: Any) -> tuple[Prepared, OperationDefinitionNode]:
        refusal = self._policy.admit(context)
        if refusal is not None:
            raise refusal
        prepared = await self._documents.of(asked, context)
        key = prepared.meant(asked.name)
        reckoned = prepared.costs[key]
        cost = reckoned if isinstance(reckoned, int) else reckoned(asked.variables or {})
        self._policy.reckoned(cost, self._limits.cost, context)
        if cost > self._limits.cost:
            raise over_limit("cost", "points of cost", actual=cost, most=self._limits.cost)
        return prepared, prepared.operations[key]

    def prepare(self, text: str) -> Prepared:
        """A document as it would run, kept nowhere: what a registry checks and takes the cost of.

        Raises:
            Faulty: it is not valid for this schema.
            GraphQLError: no document, or one beyond a limit.
        """
        return self._documents.prepare(text)

    def _executed(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult | Awaitable[ExecutionResult]:
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

    async def _opened(self, prepared: Prepared, asked: Asked, context: Any) -> OpenedSource | ExecutionResult:
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

    def _rendering(self, opened: OpenedSource, context: Any) -> Render:
        """How an event is written. It may go to many, so nothing of the request that asked first goes with it."""

        def told(result: ExecutionResult) -> bytes:
            return encode(result.data, self._policy.told(result.errors, context) if result.errors else None, {})

        async def when_known(pending: Awaitable[ExecutionResult]) -> bytes:
            return told(await pending)

        def render(event: Any) -> bytes | Awaitable[bytes]:
            self._policy.renew(context)
            result = opened.answer(event)
            return told(result) if isinstance(result, ExecutionResult) else when_known(result)

        return render

    def _answer(self, result: ExecutionResult, context: Any) -> Answer:
        errors = result.errors
        if result.data is None and errors and all(error.path is None for error in errors):
            return self._refused(errors, context)
        return Answer(self._told(result, context))

    def _refused(self, errors: list[GraphQLError], context: Any) -> Answer:
        told = self._policy.told(errors, context)
        return Answer(encode(None, told, self._policy.extensions(context), has_data=False), has_run=False)

    def _told(self, result: ExecutionResult, context: Any) -> bytes:
        errors = self._policy.told(result.errors, context) if result.errors else None
        return encode(result.data, errors, self._policy.extensions(context))


def likeness(prepared: Prepared, operation: OperationDefinitionNode, asked: Asked) -> Hashable:
    """What two subscriptions must have in common to be told in the same words."""
    given = asked.variables or {}
    shaping = {name: given[name] for name in shaping_variables(prepared, operation) if name in given}
    return prepared.text, asked.name, orjson.dumps(shaping, option=orjson.OPT_SORT_KEYS, default=id)


def as_strawberry(info: GraphQLResolveInfo[Any]) -> Any:
    """What strawberry's resolvers are told: variables are a plain mapping."""
    return ResolveInfo(*info[:9], info[9].coerced, *info[10:], operation_extensions=None)  # type: ignore[arg-type]

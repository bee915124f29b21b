"""Runs the operations of one schema, whatever they came by: admitted, prepared, executed, told as bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Hashable, Iterable, Sequence
from typing import Any, Final

import orjson
from graphql import ASTValidationRule, ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from strawberry.schema.base import BaseSchema

from execution.mode import ExecutionMode
from execution.subscribe import OpenedSource
from transport.answer import Answer, Stream
from transport.asking import Asked
from transport.cost import reckoned
from transport.documents import RULES, Documents, Faulty
from transport.encoding import encode
from transport.engine import Engine, Sharing
from transport.extended import ExtendedEngine, is_extended
from transport.limits import Limits, over_limit
from transport.persisted import NothingPersisted, PersistedDocuments
from transport.policy import Plain, Policy
from transport.preparing import Prepared, shaping_variables
from transport.shared import Render
from transport.uploads import refuse_json_as_uploads

OPERATION_SECONDS_MAX: Final = 10.0
TOO_LONG: Final = "The operation took too long."
TOO_DEEP: Final = "The variables are nested too deeply."
OUR_FAULT: Final = "Something went wrong on the server's side."
NO_STREAM: Final = "Subscriptions need a stream: a socket, text/event-stream, or multipart/mixed."
BAD_REQUEST, METHOD_NOT_ALLOWED, TOO_MANY, INTERNAL = 400, 405, 429, 500


class NotByGet(GraphQLError):
    """A command came by a request that may change nothing."""


class NotNow(Exception):
    """The owner's policy does not admit the operation."""

    def __init__(self, refusal: GraphQLError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


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
        sharing: Sharing | None = None,
    ) -> None:
        self._schema = schema._schema  # type: ignore[attr-defined]  # strawberry names no public way to graphql-core's
        refuse_json_as_uploads(self._schema)
        self._policy: Policy = policy or Plain()
        self._persisted: PersistedDocuments = persisted or NothingPersisted()
        self.limits = limits or Limits()
        self._engine = (
            ExtendedEngine(schema)
            if is_extended(schema)
            else Engine(self._schema, mode, sharing, suggests_names=suggests_names)
        )
        self._documents = Documents(
            self._schema,
            policy=self._policy,
            persisted=self._persisted,
            suggests_names=suggests_names,
            limits=self.limits,
            rules=rules,
        )
        self.prepared = self._documents.prepared

    def trust(self, texts: Iterable[str]) -> None:
        """Documents of our own apps: found by their id as well, kept for good, and compiled before anybody asks.

        Raises:
            Faulty: one of them is not valid for this schema.
        """
        self._engine.get_ready(self._documents.trust(texts))

    def prepare(self, text: str) -> Prepared:
        """A document as it would run, kept nowhere: what a registry checks and takes the cost of.

        Raises:
            Faulty: it is not valid for this schema.
            GraphQLError: no document, or one beyond a limit.
        """
        return self._documents.prepare(text)

    async def execute(self, asked: Asked, context: Any) -> Answer:
        """Answer a query or a mutation."""
        answer = await self._begun(asked, context, has_stream=False)
        assert isinstance(answer, Answer), "nothing else was asked for"
        return answer

    async def open(self, asked: Asked, context: Any) -> Answer | Stream:
        """Begin a subscription, or answer any other operation."""
        return await self._begun(asked, context, has_stream=True)

    def may_repeat(self, context: Any) -> bool:
        """Whether this caller may run whatever others ran: then an answer for everybody is one for them."""
        return self._persisted.takes_text(context) and self._persisted.takes_trusted(context)

    def admitted_again(self, document_id: str, context: Any) -> Answer | None:
        """Admit one more operation whose answer is known; the refusal if it is refused."""
        refusal = self._policy.admit(context)
        if refusal is not None:
            return self._refused([refusal], context, status=TOO_MANY)
        self._persisted.ran(document_id, context)
        return None

    def fault(self, raised: Exception, context: Any) -> list[Any]:
        """What the client reads of an exception that ended its stream."""
        error = raised if isinstance(raised, GraphQLError) else GraphQLError(str(raised), original_error=raised)
        return [told.formatted for told in self._policy.told([error], context)]

    async def _begun(self, asked: Asked, context: Any, *, has_stream: bool) -> Answer | Stream:
        try:
            prepared, key = await self._admitted(asked, context)
            operation = prepared.operations[key]
            if operation.operation is not OperationType.SUBSCRIPTION:
                result = self._engine.executed(prepared, asked, context)
                result = result if isinstance(result, ExecutionResult) else await result
                lifetime = prepared.lifetimes.get(key, 0) if asked.only_reads and asked.document_id else 0
                return self._answer(result, context, lifetime_seconds=lifetime)
            if not has_stream:
                return self._refused([GraphQLError(NO_STREAM)], context)
            opened = await self._engine.opened(prepared, asked, context)
            if isinstance(opened, ExecutionResult):
                return Answer(self._told(opened, context))
            return Stream(opened.source, self._rendering(opened, context), likeness(prepared, operation, asked))
        except Exception as raised:  # whatever it was, the client reads of it as of any other fault
            return self._not_run(raised, context)

    def _not_run(self, raised: Exception, context: Any) -> Answer:
        match raised:
            case Faulty():
                return self._refused(raised.errors, context)
            case NotNow():
                return self._refused([raised.refusal], context, status=TOO_MANY)
            case NotByGet():
                return self._refused([raised], context, status=METHOD_NOT_ALLOWED)
            case GraphQLError():
                return self._refused([raised], context)
            case RecursionError():
                return self._refused([GraphQLError(TOO_DEEP)], context)
            case _:
                error = GraphQLError(OUR_FAULT, original_error=raised)
                return self._refused([error], context, status=INTERNAL)

    async def _admitted(self, asked: Asked, context: Any) -> tuple[Prepared, str | None]:
        """The document, and the key of the operation that is meant.

        Raises:
            Faulty: the document is not valid.
            GraphQLError: it does not run, or not for this caller.
        """
        refusal = self._policy.admit(context)
        if refusal is not None:
            raise NotNow(refusal)
        prepared = self._documents.found(asked, context) or await self._documents.of(asked, context)
        key = prepared.meant(asked.name)
        if asked.only_reads and prepared.operations[key].operation is OperationType.MUTATION:
            raise NotByGet("Mutations are sent by POST.", extensions={"code": "METHOD_NOT_ALLOWED"})
        cost = reckoned(prepared.costs[key], asked.variables)
        self._policy.reckoned(cost, self.limits.cost, context)
        if cost > self.limits.cost:
            raise over_limit("cost", "points of cost", actual=cost, most=self.limits.cost)
        return prepared, key

    def _rendering(self, opened: OpenedSource, context: Any) -> Render:
        """How an event is written. It may go to many, so nothing of the request that asked first goes with it."""

        def told(result: ExecutionResult) -> bytes:
            errors = self._policy.told(result.errors, context) if result.errors else None
            return encode(result.data, errors, result.extensions or {})

        async def when_known(pending: Awaitable[ExecutionResult]) -> bytes:
            return told(await pending)

        def render(event: Any) -> bytes | Awaitable[bytes]:
            plain = opened.plain_answer(event)
            if plain is not None:
                return told(plain)
            self._policy.renew(context)
            result = opened.answer(event)
            return told(result) if isinstance(result, ExecutionResult) else when_known(result)

        return render

    def _answer(self, result: ExecutionResult, context: Any, *, lifetime_seconds: float) -> Answer:
        errors = result.errors
        if result.data is None and errors and all(error.path is None for error in errors):
            return self._refused(errors, context)
        if lifetime_seconds and not errors:
            return Answer(encode(result.data, None, {}), lifetime_seconds=lifetime_seconds)
        return Answer(self._told(result, context))

    def _refused(self, errors: list[GraphQLError], context: Any, *, status: int = BAD_REQUEST) -> Answer:
        told = self._policy.told(errors, context)
        body = encode(None, told, self._policy.extensions(context), has_data=False)
        seconds = (told[0].extensions or {}).get("retryAfterSeconds") if told else None
        return Answer(body, False, status, seconds if isinstance(seconds, int) else None)

    def _told(self, result: ExecutionResult, context: Any) -> bytes:
        errors = self._policy.told(result.errors, context) if result.errors else None
        extensions = self._policy.extensions(context)
        return encode(result.data, errors, {**extensions, **result.extensions} if result.extensions else extensions)


def likeness(prepared: Prepared, operation: OperationDefinitionNode, asked: Asked) -> Hashable:
    """What two subscriptions must have in common to be told in the same words."""
    given = asked.variables or {}
    shaping = {name: given[name] for name in shaping_variables(prepared, operation) if name in given}
    return prepared.text, asked.name, orjson.dumps(shaping, option=orjson.OPT_SORT_KEYS, default=id)

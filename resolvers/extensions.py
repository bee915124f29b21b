"""What happens around every operation: the general limit, the request's name in the answer, masked faults."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from graphql import GraphQLError
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.types import ExecutionContext

from domain.errors import ErrorCode
from domain.rate_limits import RateState
from resolvers.document_limits import DocumentLimits
from resolvers.executable_schema import SokoniSchema, is_unexpected
from schema.context import Context

INTERNAL_MESSAGE: Final = "Something went wrong on our side."


class GeneralLimit(SchemaExtension):
    """100 operations a minute per person, or per address before sign-in (D-96)."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Count the operation before anything of it is read."""
        context: Context = self.execution_context.context
        state = context.limiter.hit(context.actor.label if context.actor.user else context.actor.address)
        if state is not None:
            context.extensions["rateLimit"] = {
                "limit": state.limit,
                "remaining": state.remaining,
                "resetAt": state.reset_at.isoformat(),
            }
            if state.is_exceeded:
                raise _too_many(state)
        yield


def _too_many(state: RateState) -> GraphQLError:
    seconds = max(1, math.ceil((state.reset_at - datetime.now(UTC)).total_seconds()))
    code = ErrorCode.RATE_LIMIT_EXCEEDED.value
    return GraphQLError("Too many requests; slow down.", extensions={"code": code, "retryAfterSeconds": seconds})


class NamedAnswer(SchemaExtension):
    """Puts the request id, and what else the operation noted, into the answer's extensions."""

    def get_results(self) -> dict[str, Any]:
        """The answer's extensions."""
        context: Context = self.execution_context.context
        return {"requestId": context.request_id, **context.extensions}


class MaskedFaults(MaskErrors):
    """A fault of ours shows its request id and nothing else; every error carries a code."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=is_unexpected, error_message=INTERNAL_MESSAGE)

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        processed = super()._process_errors(errors)
        request_id = self.execution_context.context.request_id
        for error in processed:
            code = ErrorCode.INTERNAL.value if error.message == INTERNAL_MESSAGE else "BAD_REQUEST"
            error.extensions = {"code": code, **(error.extensions or {}), "requestId": request_id}
        return processed

    def on_operation(self) -> Iterator[None]:
        """Mask after the operation."""
        yield from super().on_operation()


class PreparedDocuments(SchemaExtension):
    """Parses and validates a document once: clients send the same few, and preparing one costs as much as a query.

    Only documents without a fault are remembered, in the schema that they are valid for.
    """

    _is_known = False

    def on_parse(self) -> Iterator[None]:
        """Take the document ready-made where it is known."""
        execution = self.execution_context
        prepared = _schema_of(execution).prepared.find(execution.query or "")
        if prepared is not None:
            self._is_known = True
            execution.graphql_document = prepared
            execution.pre_execution_errors = []  # stands for validated; None would have it validated again
        yield

    def on_validate(self) -> Iterator[None]:
        """Remember the document when nothing is wrong with it."""
        yield
        execution = self.execution_context
        if not self._is_known and execution.graphql_document and not execution.pre_execution_errors:
            _schema_of(execution).prepared.keep(execution.query or "", execution.graphql_document)


def _schema_of(execution: ExecutionContext) -> SokoniSchema:
    assert isinstance(execution.schema, SokoniSchema), "these extensions belong to that schema"
    return execution.schema


EXTENSIONS: Final[tuple[type[SchemaExtension], ...]] = (
    MaskedFaults,
    NamedAnswer,
    GeneralLimit,
    DocumentLimits,
    PreparedDocuments,
)

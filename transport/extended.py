"""Schemas that strawberry executes itself: with its extensions, operation directives, or an executor of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import DocumentNode, ExecutionResult
from strawberry.schema.base import BaseSchema

# What a schema has that says nothing else; there is no public name for it.
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor

from execution.subscribe import OpenedSource
from transport.asking import Asked
from transport.preparing import Prepared


def is_extended(schema: Any) -> bool:
    """Whether something is to happen around the operations or the fields of a schema that only strawberry does."""
    executor = getattr(schema, "execution_context_class", None)
    has_more = any(getattr(schema, name, ()) for name in ("extensions", "directives", "exception_handlers"))
    return has_more or executor not in (None, StrawberryExecutor)


class ExtendedEngine:
    """Runs documents by strawberry, which parses and validates them once more: its extensions take part in that."""

    def __init__(self, schema: BaseSchema) -> None:
        self._schema = schema

    def get_ready(self, documents: Iterable[DocumentNode]) -> None:
        """Nothing is compiled."""

    async def executed(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult:
        """A query or a mutation."""
        result = await self._schema.execute(
            prepared.text, variable_values=asked.variables, context_value=context, operation_name=asked.name
        )
        return _as_core(result)

    async def opened(self, prepared: Prepared, asked: Asked, context: Any) -> OpenedSource:
        """A subscription's source; its events are answers already."""
        source = await self._schema.subscribe(
            prepared.text, variable_values=asked.variables, context_value=context, operation_name=asked.name
        )
        return OpenedSource(source, _as_core)


def _as_core(result: Any) -> ExecutionResult:
    return ExecutionResult(result.data, result.errors, result.extensions or None)

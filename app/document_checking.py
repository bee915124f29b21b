"""What a text is to a schema: one operation that it can run within its limits, or why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from graphql import GraphQLError, GraphQLSyntaxError, OperationDefinitionNode

from domain.operations.errors import FaultyDocument, OperationFaultKind
from domain.operations.operation import OperationKind
from domain.operations.ports import CheckedDocument
from transport.cost import cost
from transport.documents import Faulty
from transport.limits import Limits
from transport.preparing import Prepared

TOLD_MAX: Final = 5
"""How many errors of one document are told; the others follow when these are mended."""


class SchemaChecker:
    """See `domain.operations.ports.DocumentChecker`. `prepare` is that of the schema's operations."""

    def __init__(self, prepare: Callable[[str], Prepared], *, limits: Limits | None = None) -> None:
        self._prepare, self._limits = prepare, limits or Limits()

    async def check(self, text: str) -> CheckedDocument:
        await asyncio.sleep(0)
        return self.checked(text)

    def checked(self, text: str) -> CheckedDocument:
        """The same without letting anybody else have their turn.

        Raises:
            FaultyDocument: as the port says.
        """
        prepared = self._prepared(text)
        if len(prepared.operations) != 1:
            told = f"The text has {len(prepared.operations)} operations and must have one."
            raise FaultyDocument(OperationFaultKind.SEVERAL_OPERATIONS, told)
        [operation] = prepared.operations.values()
        reckoned = cost(prepared, None, None)
        if reckoned > self._limits.cost:
            told = f"It costs {reckoned}, and an operation at most {self._limits.cost}."
            raise FaultyDocument(OperationFaultKind.LIMIT, told)
        name = operation.name.value if operation.name else None
        return CheckedDocument(name=name, kind=kind_of(operation), cost=reckoned)

    def _prepared(self, text: str) -> Prepared:
        try:
            return self._prepare(text)
        except Faulty as faulty:
            raise FaultyDocument(OperationFaultKind.VALIDATION, told_of(faulty.errors)) from None
        except GraphQLSyntaxError as error:
            raise FaultyDocument(OperationFaultKind.SYNTAX, told_of([error])) from None
        except GraphQLError as error:
            is_limit = "limit" in (error.extensions or {})
            kind = OperationFaultKind.LIMIT if is_limit else OperationFaultKind.VALIDATION
            raise FaultyDocument(kind, told_of([error])) from None


def kind_of(operation: OperationDefinitionNode) -> OperationKind:
    """What the operation does."""
    return OperationKind[operation.operation.name]


def told_of(errors: Sequence[GraphQLError]) -> str:
    """The first of them, each with where it is."""
    return " ".join(_placed(error) for error in errors[:TOLD_MAX])


def _placed(error: GraphQLError) -> str:
    if not error.locations:
        return error.message
    place = error.locations[0]
    return f"{error.message} (line {place.line}, column {place.column})"

"""What registered operations ask of their storage, and of who knows the schema."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from domain.ids import OperationId, UserId
from domain.operations.operation import OperationKind, PersistedOperation


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDocument:
    """A text with one operation that the present schema can run within its limits."""

    name: str | None
    kind: OperationKind
    cost: int


class DocumentChecker(Protocol):
    """Knows the schema. Checking takes milliseconds of computing; others have their turn between two documents."""

    async def check(self, text: str) -> CheckedDocument:
        """What the text is.

        Raises:
            FaultyDocument: not GraphQL, not valid, over a limit, or not one operation.
        """
        ...


class Operations(Protocol):
    """Registered operations, loaded for change."""

    async def get_for_update(self, operation_id: OperationId) -> PersistedOperation:
        """The operation, the row locked; retired ones too.

        Raises:
            OperationNotFound: there is none.
        """
        ...

    async def known(self, document_ids: Collection[str], *, owner_id: UserId | None) -> dict[str, PersistedOperation]:
        """Those of these documents that are registered for this owner, or for everybody when it is None, locked.

        Other registrations wait from here until this command ends.
        """
        ...

    async def count(self, *, owner_id: UserId | None) -> int:
        """How many of this owner, or for everybody, are not retired."""
        ...

    async def add(self, operation: PersistedOperation) -> None:
        """Keep a new one."""
        ...

"""What every process that keeps registered operations is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, OperationId, UserId, encode_id


@dataclass(frozen=True, kw_only=True)
class OperationsRegistered(Event):
    """A manifest was taken: how many of its operations are new; without an owner they are for everybody."""

    name: ClassVar[str] = "operations.registered"

    owner_id: UserId | None
    count: int

    @property
    def subject(self) -> str:
        """Whose they are."""
        return encode_id(IdKind.USER, self.owner_id) if self.owner_id else "operations"


@dataclass(frozen=True, kw_only=True)
class AboutOperation:
    """Which operation the event is about."""

    operation_id: OperationId

    @property
    def subject(self) -> str:
        """The operation."""
        return encode_id(IdKind.OPERATION, self.operation_id)


@dataclass(frozen=True, kw_only=True)
class OperationActivated(AboutOperation, Event):
    """A draft, or an operation that was retired, runs from now on."""

    name: ClassVar[str] = "operation.activated"


@dataclass(frozen=True, kw_only=True)
class OperationRetired(AboutOperation, Event):
    """An operation runs no more."""

    name: ClassVar[str] = "operation.retired"

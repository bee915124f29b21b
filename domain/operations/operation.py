"""One registered operation, for everybody or for the programs of one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import OperationId, UserId
from domain.operations.errors import OperationAlreadyActive, OperationAlreadyRetired, OperationInUse
from domain.operations.events import OperationActivated, OperationRetired

IN_USE: Final = timedelta(days=30)
"""An operation that ran within this time is retired by somebody who says that they know."""


class OperationState(StrEnum):
    """Whether a registered operation runs."""

    DRAFT = "DRAFT"
    """Registered, checked, and not to be run yet."""
    ACTIVE = "ACTIVE"
    """May be run by its id."""
    RETIRED = "RETIRED"
    """Answers as if it had never been registered."""


class OperationKind(StrEnum):
    """What an operation does."""

    QUERY = "QUERY"
    """Asks."""
    MUTATION = "MUTATION"
    """Commands."""
    SUBSCRIPTION = "SUBSCRIPTION"
    """Listens."""


@dataclass(eq=False, kw_only=True)
class PersistedOperation:
    """`document_id` is `sha256:` and the digest of the exact text; `aliases` are the ids by which manifests name it
    besides. Without an owner it is for everybody. `cost` is reckoned with the variables' defaults.
    """

    id: OperationId
    document_id: str
    aliases: tuple[str, ...]
    name: str
    kind: OperationKind
    body: str
    owner_id: UserId | None
    state: OperationState
    cost: int
    registered_by: str
    registered_at: datetime
    changed_at: datetime
    first_used_at: datetime | None = None
    last_used_at: datetime | None = None
    retired_at: datetime | None = None
    retired_reason: str | None = None

    def activate(self, *, cost: int, at: datetime) -> OperationActivated:
        """Let it run, a draft or one that was retired; it was checked against the present schema.

        Raises:
            OperationAlreadyActive: it runs already.
        """
        if self.state is OperationState.ACTIVE:
            raise OperationAlreadyActive
        self.state, self.cost, self.changed_at = OperationState.ACTIVE, cost, at
        self.retired_at = self.retired_reason = None
        return OperationActivated(operation_id=self.id)

    def retire(self, *, reason: str, even_if_used: bool, at: datetime) -> OperationRetired:
        """Let it run no more.

        Raises:
            OperationAlreadyRetired: it is so already.
            OperationInUse: it ran within the last 30 days, and the caller does not say that they know.
        """
        if self.state is OperationState.RETIRED:
            raise OperationAlreadyRetired
        if self.last_used_at is not None and at - self.last_used_at <= IN_USE and not even_if_used:
            raise OperationInUse
        self.state, self.changed_at = OperationState.RETIRED, at
        self.retired_at, self.retired_reason = at, reason
        return OperationRetired(operation_id=self.id)

    def learn_alias(self, alias: str | None, *, at: datetime) -> None:
        """Another manifest names it by an id of its own."""
        if alias is not None and alias not in self.aliases:
            self.aliases, self.changed_at = (*self.aliases, alias), at


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFilter:
    """Which operations: all that is given must agree. `visible_to` leaves out what is somebody else's."""

    state: OperationState | None = None
    owner_id: UserId | None = None
    visible_to: UserId | None = None

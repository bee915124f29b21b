"""Registered operations as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.ids import IdKind, UserId, encode_id
from domain.operations import operation as domain
from domain.operations.operation import OperationKind, OperationState
from domain.operations.registering import Registration
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.scalars import Json

strawberry.enum(OperationState, description="Whether a registered operation runs.")
strawberry.enum(OperationKind, description="What an operation does.")


@strawberry.type
class PersistedOperation:
    """An operation that was registered beforehand, to be named by its documentId instead of being sent."""

    owner_id: strawberry.Private[UserId | None]

    id: strawberry.ID
    """Its id in the registry."""
    document_id: strawberry.ID
    """What a request sends as documentId: `sha256:` and the digest of the exact text."""
    aliases: list[strawberry.ID]
    """Other ids that it may be named by, from manifests that count otherwise: MD5, SHA-1."""
    name: str
    """The operation's name."""
    type: OperationKind
    """What it does."""
    body: str
    """The exact text."""
    state: OperationState
    """Whether it runs."""
    cost: int
    """What it costs with the defaults of its variables; an operation may cost 1000."""
    registered_by: str
    """The id of the person or of the API key, or `system`."""
    registered_at: datetime
    """When."""
    first_used_at: datetime | None
    """When it first ran by its id, up to half a minute late; null when never."""
    last_used_at: datetime | None
    """When it last ran by its id, up to half a minute late; null when never."""
    retired_at: datetime | None
    """Since when it runs no more; null while it is not retired."""
    retired_reason: str | None
    """Why it was retired."""
    owner: User | None = edge(key="owner_id", loader="user")
    """Whose programs may run it; null when everybody may."""

    @classmethod
    def of(cls, operation: domain.PersistedOperation) -> Self:
        """From an operation of the domain."""
        return cls(
            owner_id=operation.owner_id,
            id=strawberry.ID(encode_id(IdKind.OPERATION, operation.id)),
            document_id=strawberry.ID(operation.document_id),
            aliases=[strawberry.ID(alias) for alias in operation.aliases],
            name=operation.name,
            type=operation.kind,
            body=operation.body,
            state=operation.state,
            cost=operation.cost,
            registered_by=operation.registered_by,
            registered_at=operation.registered_at,
            first_used_at=operation.first_used_at,
            last_used_at=operation.last_used_at,
            retired_at=operation.retired_at,
            retired_reason=operation.retired_reason,
        )


@strawberry.input
class OperationFilterInput:
    """Which operations; all that is given must agree."""

    state: OperationState | None = None
    """In this state."""
    owner_id: strawberry.ID | None = None
    """Those of this person's programs; others than your own need the permission operation:manage."""


@strawberry.input
class OperationsRegisterInput:
    """The file that a client's build wrote."""

    manifest: Json
    """As Apollo, Relay or graphql-codegen write it, as JSON; told apart by their form. At most 500 operations."""
    owner_id: strawberry.ID | None = None
    """For this person's programs only; left out, staff registers for everybody and a program for its own owner."""
    is_draft: bool = False
    """Check and keep them, to be activated later."""


@strawberry.type
class OperationsRegisterPayload(Payload):
    """All of the manifest was taken, or nothing of it; a faulty one is told operation by operation."""

    operations: list[PersistedOperation] = strawberry.field(default_factory=list)
    """What the manifest names, as it stands now, in its order."""
    new_count: int = 0
    """How many of them were not registered before."""

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """From what the domain answers."""
        operations = [PersistedOperation.of(operation) for operation in registration.operations]
        return cls(operations=operations, new_count=registration.new_count)


@strawberry.input
class OperationActivateInput:
    """Which operation runs from now on."""

    id: strawberry.ID
    """A draft, or one that was retired."""


@strawberry.type
class OperationActivatePayload(Payload):
    """It runs, at every process at once."""

    operation: PersistedOperation | None = None
    """As it is now."""


@strawberry.input
class OperationRetireInput:
    """Which operation runs no more, and why."""

    id: strawberry.ID
    """A draft, or one that runs."""
    reason: str
    """Kept beside it and in the audit trail; at most 500 characters."""
    even_if_used: bool = False
    """Although it ran within the last 30 days; its programs stop working."""


@strawberry.type
class OperationRetirePayload(Payload):
    """Whoever names it is told PERSISTED_OPERATION_NOT_FOUND, at every process at once."""

    operation: PersistedOperation | None = None
    """As it is now."""

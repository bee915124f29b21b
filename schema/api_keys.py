"""API keys as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.identity import api_key as domain
from domain.identity.api_key import ApiKeyKind
from domain.ids import IdKind, UserId, encode_id
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User

strawberry.enum(ApiKeyKind, description="What an API key is for.")


@strawberry.type
class ApiKey:
    """A key by which a program acts in its owner's name; how requests are signed stands in docs/api-keys.md."""

    owner_id: strawberry.Private[UserId]

    id: strawberry.ID
    """Its id, which every signed request names."""
    kind: ApiKeyKind
    """What it is for."""
    label: str
    """What its owner knows it by."""
    networks: list[str]
    """The networks it may be used from, in CIDR notation; none means from anywhere."""
    created_at: datetime
    """When it was made."""
    last_used_at: datetime | None
    """When it was last let in, up to half a minute late; null when never."""
    revoked_at: datetime | None
    """Since when it is worth nothing; null while it is not revoked."""
    owner: User = edge(key="owner_id", loader="user")
    """In whose name it acts."""

    @classmethod
    def of(cls, key: domain.ApiKey) -> Self:
        """From a key of the domain."""
        return cls(
            owner_id=key.owner_id,
            id=strawberry.ID(encode_id(IdKind.API_KEY, key.id)),
            kind=key.kind,
            label=key.label,
            networks=list(key.networks),
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


@strawberry.input
class ApiKeyFilterInput:
    """Which keys; all that is given must agree."""

    owner_id: strawberry.ID | None = None
    """A person's; others than your own need the permission api_key:manage."""
    kind: ApiKeyKind | None = None
    """Of this kind."""
    is_revoked: bool | None = None
    """Whether they are worth nothing any more."""


@strawberry.input
class ApiKeyCreateInput:
    """A key for somebody."""

    owner_id: strawberry.ID
    """In whose name it acts: a merchant for a merchant's key."""
    kind: ApiKeyKind
    """What it is for."""
    label: str
    """1 to 80 characters, for its owner to know it by."""
    idempotency_key: str
    """1 to 255 printable characters; the same key makes one API key, whose secret is shown the first time only."""
    networks: list[str] = strawberry.field(default_factory=list)
    """At most 20 networks in CIDR notation that it may be used from; none means from anywhere."""


@strawberry.type
class ApiKeyCreatePayload(Payload):
    """The key, and the secret that its requests are signed with."""

    api_key: ApiKey | None = None
    """As it is kept."""
    secret: str | None = None
    """Shown this once and never again; null when it was refused, and when an idempotency key is replayed."""


@strawberry.input
class ApiKeyRevokeInput:
    """Which key ends, and why."""

    id: strawberry.ID
    """One of your own; with the permission api_key:manage anybody's."""
    reason: str
    """Kept in the audit trail; at most 500 characters."""


@strawberry.type
class ApiKeyRevokePayload(Payload):
    """The key is worth nothing, at every process, on every socket and stream at once."""

    api_key: ApiKey | None = None
    """As it is now."""

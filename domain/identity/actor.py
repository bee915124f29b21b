"""Who acts: a person by a session, the system itself, or somebody unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.identity.roles import Permission, Role, permissions_of
from domain.ids import IdKind, SessionId, UserId, encode_id


class ActorKind(StrEnum):
    """How far the actor is known."""

    ANONYMOUS = "ANONYMOUS"
    PERSON = "PERSON"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who gives a command. `address` is the network address it came from, for limits and the audit."""

    kind: ActorKind
    user: UserId | None = None
    session: SessionId | None = None
    roles: frozenset[Role] = frozenset()
    address: str = ""

    @classmethod
    def person(cls, user: UserId, session: SessionId, roles: frozenset[Role], *, address: str = "") -> Actor:
        """A signed-in person."""
        return cls(ActorKind.PERSON, user, session, roles, address)

    @classmethod
    def anonymous(cls, *, address: str = "") -> Actor:
        """Somebody who showed no credential."""
        return cls(ActorKind.ANONYMOUS, address=address)

    @classmethod
    def system(cls) -> Actor:
        """The market itself: jobs, migrations, demo data."""
        return cls(ActorKind.SYSTEM)

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a person who showed who they are."""
        return self.kind is ActorKind.PERSON

    @property
    def user_id(self) -> UserId:
        """The person's id; only asked for where access demands a signed-in person."""
        assert self.user is not None, "an operation without a person asked for one"
        return self.user

    @property
    def session_id(self) -> SessionId:
        """The session the person acts through."""
        assert self.session is not None, "an operation without a session asked for one"
        return self.session

    @property
    def label(self) -> str:
        """The name in logs, audit rows and idempotency scopes."""
        return encode_id(IdKind.USER, self.user) if self.user else self.kind.value.lower()

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles grants it; the system may everything."""
        return self.kind is ActorKind.SYSTEM or permission in permissions_of(self.roles)

"""Who acts: a person by a session, a program by a person's API key, the system itself, or somebody unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.identity.api_key import ACTING_ROLES, ActingKey
from domain.identity.api_key_errors import SessionNeeded
from domain.identity.roles import Permission, Role, permissions_of
from domain.ids import IdKind, SessionId, UserId, encode_id


class ActorKind(StrEnum):
    """How far the actor is known."""

    ANONYMOUS = "ANONYMOUS"
    PERSON = "PERSON"
    API_KEY = "API_KEY"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who gives a command. `address` is the network address it came from, for limits and the audit."""

    kind: ActorKind
    user: UserId | None = None
    session: SessionId | None = None
    roles: frozenset[Role] = frozenset()
    address: str = ""
    key: ActingKey | None = None

    @classmethod
    def person(cls, user: UserId, session: SessionId, roles: frozenset[Role], *, address: str = "") -> Actor:
        """A signed-in person."""
        return cls(ActorKind.PERSON, user, session, roles, address)

    @classmethod
    def by_key(cls, key: ActingKey, owner: UserId, roles: frozenset[Role], *, address: str = "") -> Actor:
        """A program that acts in its owner's name, and with what of the owner's roles a program may have."""
        return cls(ActorKind.API_KEY, owner, roles=roles & ACTING_ROLES, address=address, key=key)

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
        """Whether this is a person who showed who they are, or a program that acts for one."""
        return self.user is not None

    @property
    def is_in_session(self) -> bool:
        """Whether the person themselves acts, and no program for them."""
        return self.kind is ActorKind.PERSON

    @property
    def user_id(self) -> UserId:
        """The person's id; only asked for where access demands a signed-in person."""
        assert self.user is not None, "an operation without a person asked for one"
        return self.user

    @property
    def session_id(self) -> SessionId:
        """The session the person acts through.

        Raises:
            SessionNeeded: a program acts, which has none.
        """
        if self.session is None:
            raise SessionNeeded
        return self.session

    @property
    def label(self) -> str:
        """The name in logs and idempotency scopes: a person's, whichever key or session they act by."""
        return encode_id(IdKind.USER, self.user) if self.user else self.kind.value.lower()

    @property
    def signature(self) -> str:
        """The name in audit rows and beside events: the key's own, where a program acted."""
        return encode_id(IdKind.API_KEY, self.key.id) if self.key else self.label

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles grants it; the system may everything."""
        return self.kind is ActorKind.SYSTEM or permission in permissions_of(self.roles)

"""What happens to people and their sessions. No address, no device and no secret is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.identity.access import SessionEnd
from domain.identity.roles import Role
from domain.ids import ApiKeyId, IdKind, SessionId, UserId, encode_id


@dataclass(frozen=True, kw_only=True)
class AboutPerson:
    """Whom the event is about."""

    user_id: UserId

    @property
    def subject(self) -> str:
        """The person."""
        return encode_id(IdKind.USER, self.user_id)


@dataclass(frozen=True, kw_only=True)
class UserRegistered(AboutPerson, Event):
    """Somebody signed in for the first time."""

    name: ClassVar[str] = "user.registered"


@dataclass(frozen=True, kw_only=True)
class ProfileUpdated(AboutPerson, Event):
    """A person changed how they appear."""

    name: ClassVar[str] = "profile.updated"

    display_name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class SessionStarted(AboutPerson, Event):
    """A person signed in on a device."""

    name: ClassVar[str] = "session.started"

    session_id: SessionId


@dataclass(frozen=True, kw_only=True)
class SessionEnded(AboutPerson, Event):
    """A session's tokens are worth nothing from now on."""

    name: ClassVar[str] = "session.ended"

    session_id: SessionId
    reason: SessionEnd


@dataclass(frozen=True, kw_only=True)
class UserBlocked(AboutPerson, Event):
    """A person may not act; without `until`, for good. Tokens below `generation` are worth nothing."""

    name: ClassVar[str] = "user.blocked"

    reason: str
    until: datetime | None
    generation: int


@dataclass(frozen=True, kw_only=True)
class UserUnblocked(AboutPerson, Event):
    """A person may sign in again."""

    name: ClassVar[str] = "user.unblocked"

    reason: str
    generation: int


@dataclass(frozen=True, kw_only=True)
class RoleGranted(AboutPerson, Event):
    """A person may do more. Tokens below `generation` are worth nothing."""

    name: ClassVar[str] = "role.granted"

    role: Role
    generation: int


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(AboutPerson, Event):
    """A person may do less. Tokens below `generation` are worth nothing."""

    name: ClassVar[str] = "role.revoked"

    role: Role
    generation: int


@dataclass(frozen=True, kw_only=True)
class AboutApiKey:
    """Which key the event is about, and whose."""

    api_key_id: ApiKeyId
    owner_id: UserId

    @property
    def subject(self) -> str:
        """The key."""
        return encode_id(IdKind.API_KEY, self.api_key_id)


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(AboutApiKey, Event):
    """A program may act in a person's name."""

    name: ClassVar[str] = "api_key.created"

    kind: str


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(AboutApiKey, Event):
    """A key is worth nothing from now on."""

    name: ClassVar[str] = "api_key.revoked"

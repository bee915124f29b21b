"""A session: one person on one device, from the sign-in until it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.identity.access import SessionEnd
from domain.identity.errors import SessionNotFound
from domain.identity.events import SessionEnded
from domain.ids import SessionId, UserId
from domain.text import line

REFRESH_LIFETIME: Final = timedelta(days=7)
SESSIONS_MAX: Final = 20
# The same token twice within this time is most likely one client asking twice; see `domain/identity/refreshing.py`.
REUSE_TOLERANCE: Final = timedelta(seconds=10)
_FINGERPRINT_LENGTH: Final = range(8, 201)


class DevicePlatform(StrEnum):
    """What the person holds."""

    ANDROID = "ANDROID"
    """An Android device."""
    IOS = "IOS"
    """An iPhone or iPad."""
    WEB = "WEB"
    """A browser."""
    OTHER = "OTHER"
    """Anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as it names itself. The fingerprint is kept as a digest only, for it binds the session's tokens."""

    fingerprint: str
    name: str
    platform: DevicePlatform

    @classmethod
    def checked(cls, *, fingerprint: str, name: str, platform: DevicePlatform) -> Device:
        """A device as a client names it.

        Raises:
            InvalidInput: a fingerprint of fewer than 8 or more than 200 characters, or a name beyond 80.
        """
        if len(fingerprint) not in _FINGERPRINT_LENGTH:
            raise InvalidInput(FieldFault(("device", "id"), "must have 8 to 200 characters"))
        named = line(name, path=("device", "name"), shortest=1, longest=80)
        return cls(fingerprint=fingerprint, name=named, platform=platform)

    def __repr__(self) -> str:
        return f"Device({self.platform})"


@dataclass(eq=False, kw_only=True)
class Session:
    """`expires_at` moves on with every refresh; what ended does not begin again."""

    id: SessionId
    user_id: UserId
    device_digest: bytes
    device_name: str
    device_platform: DevicePlatform
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    second_factor_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: SessionEnd | None = None

    def is_live(self, at: datetime) -> bool:
        """Whether its refresh token still brings access."""
        return self.ended_at is None and at < self.expires_at

    def require_owner(self, user_id: UserId) -> None:
        """Refuse others, to whom it does not exist.

        Raises:
            SessionNotFound: it is another person's.
        """
        if self.user_id != user_id:
            raise SessionNotFound

    def end(self, reason: SessionEnd, *, at: datetime) -> SessionEnded:
        """Make its tokens worthless."""
        assert self.ended_at is None, "a session ends once"
        self.ended_at, self.ended_reason = at, reason
        return SessionEnded(user_id=self.user_id, session_id=self.id, reason=reason)

    def go_on(self, *, at: datetime) -> None:
        """Its refresh token was exchanged."""
        self.seen_at, self.expires_at = at, at + REFRESH_LIFETIME


@dataclass(eq=False, kw_only=True)
class RefreshToken:
    """One link of a session's chain: good for one exchange, kept afterwards so that a second one is noticed."""

    digest: bytes
    session_id: SessionId
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

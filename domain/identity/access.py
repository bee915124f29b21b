"""What lets a person in, and what ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.identity.roles import Role
from domain.ids import SessionId, UserId

ACCESS_LIFETIME: Final = timedelta(minutes=15)


class SessionEnd(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "SIGNED_OUT"
    """The person left from this device."""
    REVOKED = "REVOKED"
    """The person ended it from another device."""
    REPLACED = "REPLACED"
    """The person signed in again on the same device."""
    TOO_MANY = "TOO_MANY"
    """It was the stalest of more than 20."""
    BLOCKED = "BLOCKED"
    """The person was blocked."""
    TOKEN_REUSED = "TOKEN_REUSED"
    """A refresh token came back after its exchange."""
    DEVICE_MISMATCH = "DEVICE_MISMATCH"
    """A refresh token came from another device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What an access token says. It is refused when the person's generation is higher, or the session ended.

    Where a program acts by an API key, the key's own id stands in the place of the session's.
    """

    user_id: UserId
    session_id: SessionId
    roles: frozenset[Role]
    generation: int
    issued_at: datetime
    expires_at: datetime
    token_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChange:
    """Access that ended: one session, or all tokens of a person below a generation. One of the two is set."""

    user_id: UserId
    session_id: SessionId | None
    generation: int | None
    reason: str

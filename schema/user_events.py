"""What a person is told live about their access."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.identity import events as domain
from domain.identity.access import SessionEnd
from domain.ids import IdKind, UserId, encode_id
from schema.identity import User
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat


@strawberry.type
class UserSnapshot:
    """You, as you stand."""

    user: User
    """You."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class UserBlocked(DomainEvent):
    """You may not act; the connection is closed right after this."""

    user_id: strawberry.ID
    """You."""
    reason: str
    """Why, for you to read."""
    until: datetime | None
    """When it ends by itself; null when it does not."""

    @classmethod
    def of(cls, event: domain.UserBlocked, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(**head, user_id=_id(event.user_id), reason=event.reason, until=event.until)


@strawberry.type
class UserUnblocked(DomainEvent):
    """You may sign in again."""

    user_id: strawberry.ID
    """You."""
    reason: str
    """Why, for you to read."""

    @classmethod
    def of(cls, event: domain.UserUnblocked, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(**head, user_id=_id(event.user_id), reason=event.reason)


@strawberry.type
class SessionEnded(DomainEvent):
    """One of your sessions is over; its connections are closed right after this."""

    user_id: strawberry.ID
    """You."""
    session_id: strawberry.ID
    """Which session."""
    ended_reason: SessionEnd
    """Why."""

    @classmethod
    def of(cls, event: domain.SessionEnded, head: EventHead) -> Self:
        """From an event of the domain."""
        session_id = strawberry.ID(encode_id(IdKind.SESSION, event.session_id))
        return cls(**head, user_id=_id(event.user_id), session_id=session_id, ended_reason=event.reason)


UserStreamItem = Annotated[
    UserSnapshot | UserBlocked | UserUnblocked | SessionEnded | StreamGap | StreamHeartbeat,
    strawberry.union("UserStreamItem", description="What userEvents tells; more kinds may come."),
]


def _id(user_id: UserId) -> strawberry.ID:
    return strawberry.ID(encode_id(IdKind.USER, user_id))

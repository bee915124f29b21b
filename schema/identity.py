"""People as the API shows them: to everybody a name, to staff their state, to themselves everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self

import strawberry

from domain.identity import session as sessions
from domain.identity.access import SessionEnd
from domain.identity.roles import Permission, Role
from domain.identity.session import DevicePlatform
from domain.identity.shown import ShownUser
from domain.identity.user import UserStatus
from domain.ids import IdKind, SessionId, UserId, encode_id, encoder_of
from domain.instants import as_instant
from schema.context import Context
from schema.masking import MaskedString, mask_email, mask_phone, masked
from schema.node import Node
from schema.shown import shown

_user_id: Final = encoder_of(IdKind.USER)

strawberry.enum(Role, description="What a person is to the market.")
strawberry.enum(Permission, description="One thing that not everybody may do.")
strawberry.enum(UserStatus, description="Whether a person may act.")
strawberry.enum(DevicePlatform, description="What a person holds.")
strawberry.enum(SessionEnd, description="Why a session is over.")


@strawberry.type
class User(Node):
    """A person. Everybody sees the name; state and roles are for staff and the person themselves."""

    entity: strawberry.Private[ShownUser]

    id: strawberry.ID = shown(_user_id, "entity.id")
    display_name: str = shown("entity.display_name")
    """How the person appears to others."""
    phone: MaskedString | None = masked(mask_phone, of="clear_phone", owner="user_id")
    """Where passcodes go by SMS; null when there is none."""
    email: MaskedString | None = masked(mask_email, of="clear_email", owner="user_id")
    """Where passcodes go by e-mail; null when there is none."""

    @classmethod
    def of(cls, user: ShownUser) -> Self:
        """Of a person, whoever asks: what not everybody may see is masked or null."""
        return cls(entity=user)

    @property
    def user_id(self) -> UserId:
        """Whose data it is."""
        return self.entity.id

    @property
    def clear_phone(self) -> str | None:
        """The phone number, not to be shown as it is."""
        return self.entity.phone

    @property
    def clear_email(self) -> str | None:
        """The e-mail address, not to be shown as it is."""
        return self.entity.email

    @strawberry.field
    def roles(self, info: strawberry.Info[Context, None]) -> list[Role] | None:
        """What the person is to the market; null for those who may not see it."""
        return list(self.entity.roles) if self._is_open_to(info) else None

    @strawberry.field
    def status(self, info: strawberry.Info[Context, None]) -> UserStatus | None:
        """Whether the person may act; null for those who may not see it."""
        if not self._is_open_to(info):
            return None
        return UserStatus.BLOCKED if self._is_blocked(info) else UserStatus.ACTIVE

    @strawberry.field
    def blocked_reason(self, info: strawberry.Info[Context, None]) -> str | None:
        """Why the person is blocked; null when not, and for those who may not see it."""
        return self.entity.blocked_reason if self._is_open_to(info) and self._is_blocked(info) else None

    @strawberry.field
    def blocked_until(self, info: strawberry.Info[Context, None]) -> datetime | None:
        """When the block ends by itself; null when it does not, and for those who may not see it."""
        return as_instant(self.entity.blocked_until) if self._is_open_to(info) and self._is_blocked(info) else None

    @strawberry.field
    def language(self, info: strawberry.Info[Context, None]) -> str | None:
        """ISO 639-1; null for those who may not see it."""
        return self.entity.language if self._is_open_to(info) else None

    @strawberry.field
    def registered_at(self, info: strawberry.Info[Context, None]) -> datetime | None:
        """When the person came first; null for those who may not see it."""
        return as_instant(self.entity.registered_at) if self._is_open_to(info) else None

    @strawberry.field
    def version(self, info: strawberry.Info[Context, None]) -> int | None:
        """Counts the changes; send it back as expectedVersion. Null for those who may not see it."""
        return self.entity.version if self._is_open_to(info) else None

    def _is_open_to(self, info: strawberry.Info[Context, None]) -> bool:
        actor = info.context.actor
        return actor.user == self.user_id or actor.may(Permission.USER_READ)

    def _is_blocked(self, info: strawberry.Info[Any, None]) -> bool:
        return self.entity.is_blocked(info.context.clock.now())


@strawberry.type
class Session(Node):
    """One sign-in on one device."""

    device_name: str
    """As the device named itself."""
    device_platform: DevicePlatform
    """What the person held."""
    is_current: bool
    """Whether it is the session that asks."""
    started_at: datetime
    """When the person signed in."""
    seen_at: datetime
    """When its tokens were last refreshed."""
    expires_at: datetime
    """When it ends unless it is refreshed."""
    second_factor_at: datetime | None
    """When the PIN was last shown in it."""
    ended_at: datetime | None
    """When it ended; null while it goes on."""
    ended_reason: SessionEnd | None
    """Why it ended."""

    @classmethod
    def of(cls, session: sessions.Session, *, current: SessionId | None) -> Self:
        """From a session of the domain."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.SESSION, session.id)),
            device_name=session.device_name,
            device_platform=session.device_platform,
            is_current=session.id == current,
            started_at=session.started_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            second_factor_at=session.second_factor_at,
            ended_at=session.ended_at,
            ended_reason=session.ended_reason,
        )


@strawberry.input
class UserFilterInput:
    """Which people; all that is given must agree."""

    text: str | None = None
    """A part of the name, or a whole phone number or e-mail address; 2 to 80 characters."""
    role: Role | None = None
    """Holders of this role."""
    status: UserStatus | None = None
    """People in this state."""

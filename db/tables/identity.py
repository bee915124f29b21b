"""People and what they come in by: sessions, passcodes, PINs, device keys, messages, signing keys."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.identity.access import SessionEnd
from domain.identity.device_key import DeviceKey
from domain.identity.message import MessageChannel, MessageState, OutgoingMessage
from domain.identity.passcode import Passcode, PasscodePurpose
from domain.identity.pin import Pin
from domain.identity.roles import Role
from domain.identity.session import DevicePlatform, RefreshToken, Session
from domain.identity.signing_key import SigningKey
from domain.identity.totp import Totp
from domain.identity.user import User, UserStatus
from domain.ids import IdKind


class Roles(TypeDecorator[tuple[Role, ...]]):
    """A person's roles, by name."""

    impl = ARRAY(Text)
    cache_ok = True

    def process_bind_param(self, value: tuple[Role, ...] | None, dialect: Dialect) -> list[str] | None:
        """Their names."""
        return [role.name for role in value] if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Role, ...] | None:
        """The roles."""
        return tuple(Role[name] for name in value) if value is not None else None


class Digests(TypeDecorator[tuple[bytes, ...]]):
    """Several digests."""

    impl = ARRAY(LargeBinary)
    cache_ok = True

    def process_bind_param(self, value: tuple[bytes, ...] | None, dialect: Dialect) -> list[bytes] | None:
        """As an array."""
        return list(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[bytes, ...] | None:
        """The digests."""
        return tuple(value) if value is not None else None


users: Final = Table(
    "users",
    metadata,
    id_column(),
    Column("display_name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("phone", Text, info=SECRET),
    Column("email", Text, info=SECRET),
    Column("roles", Roles, nullable=False),
    Column("status", EnumText(UserStatus), nullable=False),
    Column("blocked_reason", Text),
    instant_column("blocked_until", nullable=True),
    Column("access_generation", Integer, nullable=False),
    instant_column("access_changed_at"),
    instant_column("registered_at"),
    Column("version", Integer, nullable=False),
    UniqueConstraint("phone"),
    UniqueConstraint("email"),
    CheckConstraint("phone is not null or email is not null", name="is_reachable"),
    CheckConstraint("'CUSTOMER' = any(roles)", name="is_customer"),
    CheckConstraint("status in ('ACTIVE', 'BLOCKED')", name="status"),
    CheckConstraint("status <> 'BLOCKED' or blocked_reason is not null", name="blocked_says_why"),
    info={"id_kind": IdKind.USER},
)
Index("ix_users_registered", users.c.registered_at, users.c.id)
Index("ix_users_access_changed", users.c.access_changed_at)
Index("ix_users_admins", users.c.id, postgresql_where=text("'ADMIN' = any(roles)"))

sessions: Final = Table(
    "sessions",
    metadata,
    id_column(),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("device_digest", LargeBinary, nullable=False),
    Column("device_name", Text, nullable=False, info=SECRET),
    Column("device_platform", EnumText(DevicePlatform), nullable=False),
    instant_column("started_at"),
    instant_column("seen_at"),
    instant_column("expires_at"),
    instant_column("second_factor_at", nullable=True),
    instant_column("ended_at", nullable=True),
    Column("ended_reason", EnumText(SessionEnd)),
    CheckConstraint("(ended_at is null) = (ended_reason is null)", name="ended_says_why"),
    info={"id_kind": IdKind.SESSION},
)
Index("ix_sessions_of_user", sessions.c.user_id, sessions.c.seen_at, postgresql_where=sessions.c.ended_at.is_(None))
Index("ix_sessions_ended", sessions.c.ended_at, postgresql_where=sessions.c.ended_at.is_not(None))

refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id"), nullable=False),
    instant_column("issued_at"),
    instant_column("expires_at"),
    instant_column("used_at", nullable=True),
)
Index("ix_refresh_tokens_session_expires", refresh_tokens.c.session_id, refresh_tokens.c.expires_at)

passcodes: Final = Table(
    "passcodes",
    metadata,
    id_column(),
    Column("purpose", EnumText(PasscodePurpose), nullable=False),
    Column("address_digest", LargeBinary, nullable=False),
    Column("network", Text, nullable=False),
    Column("code_digest", LargeBinary, nullable=False),
    instant_column("issued_at"),
    instant_column("expires_at"),
    Column("tries", Integer, nullable=False),
    instant_column("used_at", nullable=True),
    CheckConstraint("tries between 0 and 5", name="tries"),
)
Index("ix_passcodes_address_issued", passcodes.c.address_digest, passcodes.c.issued_at)
Index("ix_passcodes_network_issued", passcodes.c.network, passcodes.c.issued_at)

pins: Final = Table(
    "pins",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("hash", Text, nullable=False, info=SECRET),
    instant_column("set_at"),
    Column("failures", Integer, nullable=False),
    instant_column("locked_until", nullable=True),
    CheckConstraint("failures between 0 and 4", name="failures"),
    info={"id_kind": IdKind.USER},
)

totps: Final = Table(
    "totps",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False, info=SECRET),
    Column("recovery_digests", Digests, nullable=False, info=SECRET),
    Column("last_step", Integer, nullable=False),
    instant_column("set_up_at"),
    instant_column("confirmed_at", nullable=True),
    Column("failures", Integer, nullable=False),
    instant_column("locked_until", nullable=True),
    CheckConstraint("failures between 0 and 4", name="failures"),
    info={"id_kind": IdKind.USER},
)

device_keys: Final = Table(
    "device_keys",
    metadata,
    id_column(),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("device_digest", LargeBinary, nullable=False),
    Column("device_name", Text, nullable=False, info=SECRET),
    Column("public_key", LargeBinary, nullable=False),
    instant_column("enrolled_at"),
    Column("challenge", Text, info=SECRET),
    instant_column("challenge_expires_at", nullable=True),
    UniqueConstraint("user_id", "device_digest"),
    info={"id_kind": IdKind.DEVICE_KEY},
)

outgoing_messages: Final = Table(
    "outgoing_messages",
    metadata,
    id_column(),
    Column("channel", EnumText(MessageChannel), nullable=False),
    Column("sealed_address", LargeBinary, nullable=False),
    Column("sealed_text", LargeBinary),
    instant_column("useless_at"),
    instant_column("created_at"),
    Column("state", EnumText(MessageState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    instant_column("sent_at", nullable=True),
    CheckConstraint("state in ('WAITING', 'SENT', 'USELESS', 'DEAD')", name="state"),
    CheckConstraint("state <> 'WAITING' or sealed_text is not null", name="waiting_has_text"),
)
Index(
    "ix_outgoing_messages_due",
    outgoing_messages.c.next_attempt_at,
    postgresql_where=outgoing_messages.c.state == MessageState.WAITING,
)

signing_keys: Final = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    instant_column("created_at"),
    instant_column("retired_at", nullable=True),
    instant_column("verifies_until", nullable=True),
    CheckConstraint("(retired_at is null) = (verifies_until is null)", name="retired_ends"),
)
Index(
    "ix_signing_keys_one_signs",
    signing_keys.c.retired_at,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=signing_keys.c.retired_at.is_(None),
)


def map_identity(mappers: registry) -> None:
    """Map people and what is theirs."""
    mappers.map_imperatively(User, users, version_id_col=users.c.version)
    mappers.map_imperatively(Session, sessions)
    mappers.map_imperatively(RefreshToken, refresh_tokens)
    mappers.map_imperatively(Passcode, passcodes)
    mappers.map_imperatively(Pin, pins)
    mappers.map_imperatively(Totp, totps)
    mappers.map_imperatively(DeviceKey, device_keys)
    mappers.map_imperatively(OutgoingMessage, outgoing_messages)
    mappers.map_imperatively(SigningKey, signing_keys)

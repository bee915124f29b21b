"""People for show, their sessions, and the keys that sign their tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, literal, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.identity import sessions, signing_keys, users
from domain.identity.search import UserFilter
from domain.identity.session import SESSIONS_MAX, Session
from domain.identity.signing_key import SigningKey
from domain.identity.user import User, UserStatus
from domain.ids import UserId
from domain.page import Page, PageRequest


async def user_page(connection: AsyncConnection, *, wanted: UserFilter, at: datetime, page: PageRequest) -> Page[User]:
    """People, the newest first. A block whose end has come counts as none."""
    found = select(users).where(*_clauses(wanted, at))
    order = (users.c.registered_at.desc(), users.c.id.desc())
    return (await keyset(connection, found, order=order, page=page)).map(_user)


async def users_by_ids(connection: AsyncConnection, ids: Collection[UserId]) -> dict[UserId, User]:
    """People by id; who may see what of them is for the API's masks to say."""
    rows = await connection.execute(select(users).where(users.c.id.in_(ids)))
    return {row.id: _user(row) for row in rows}


async def live_sessions(connection: AsyncConnection, *, user_id: UserId, at: datetime) -> list[Session]:
    """A person's sessions, the latest seen first; at most 20."""
    live = (
        select(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > at)
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
        .limit(SESSIONS_MAX)
    )
    return [_session(row) for row in await connection.execute(live)]


async def usable_signing_keys(connection: AsyncConnection, *, at: datetime) -> list[SigningKey]:
    """The key that signs and those that still verify, the newest first."""
    usable = (
        select(signing_keys)
        .where(or_(signing_keys.c.verifies_until.is_(None), signing_keys.c.verifies_until > at))
        .order_by(signing_keys.c.created_at.desc())
    )
    return [
        SigningKey(
            kid=row.kid,
            public_key=row.public_key,
            sealed_private_key=row.sealed_private_key,
            created_at=row.created_at,
            retired_at=row.retired_at,
            verifies_until=row.verifies_until,
        )
        for row in await connection.execute(usable)
    ]


def is_blocked(at: datetime) -> ColumnElement[bool]:
    """Of a person's row: whether a block holds at this instant."""
    holds = or_(users.c.blocked_until.is_(None), users.c.blocked_until > at)
    return and_(users.c.status == UserStatus.BLOCKED, holds)


def _clauses(wanted: UserFilter, at: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.text is not None:
        text = wanted.text.strip()
        is_address = or_(users.c.phone == text, users.c.email == text.lower())
        yield or_(users.c.display_name.icontains(text, autoescape=True), is_address)
    if wanted.role is not None:
        yield literal(wanted.role.name) == users.c.roles.any_()
    if wanted.status is not None:
        yield is_blocked(at) if wanted.status is UserStatus.BLOCKED else not_(is_blocked(at))


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        display_name=row.display_name,
        language=row.language,
        phone=row.phone,
        email=row.email,
        roles=row.roles,
        status=row.status,
        blocked_reason=row.blocked_reason,
        blocked_until=row.blocked_until,
        access_generation=row.access_generation,
        access_changed_at=row.access_changed_at,
        registered_at=row.registered_at,
        version=row.version,
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        device_digest=row.device_digest,
        device_name=row.device_name,
        device_platform=row.device_platform,
        started_at=row.started_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        second_factor_at=row.second_factor_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )

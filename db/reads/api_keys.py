"""API keys for show, and what a signature is checked against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Uuid, bindparam, select
from sqlalchemy import Row as CoreRow
from sqlalchemy.ext.asyncio import AsyncConnection

from db.read_pool import ReadPool
from db.reads.paging import keyset
from db.rows import Row, column
from db.statements import Statement
from db.tables.api_keys import api_keys
from db.tables.identity import users
from domain.identity.api_key import ApiKey, ApiKeyFilter, ApiKeyKind
from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.ids import ApiKeyId, UserId
from domain.instants import StoredInstant
from domain.page import Page, PageRequest


class CheckedKeyRow(Row):
    """What is to know of a key before its request is let in; of its owner as they are at this moment."""

    id: ApiKeyId = column(api_keys.c.id)
    kind: ApiKeyKind = column(api_keys.c.kind)
    networks: list[str] = column(api_keys.c.networks)
    sealed_secret: bytes = column(api_keys.c.sealed_secret)
    revoked_at: StoredInstant | None = column(api_keys.c.revoked_at)
    owner_id: UserId = column(users.c.id)
    roles: tuple[Role, ...] = column(users.c.roles)
    status: UserStatus = column(users.c.status)
    blocked_reason: str | None = column(users.c.blocked_reason)
    blocked_until: StoredInstant | None = column(users.c.blocked_until)
    generation: int = column(users.c.access_generation)


_CHECKED: Final = Statement(
    CheckedKeyRow,
    lambda: (
        select(*CheckedKeyRow.columns)
        .join_from(api_keys, users, users.c.id == api_keys.c.owner_id)
        .where(api_keys.c.id == bindparam("id", type_=Uuid))
    ),
)


async def checked_key(reads: ReadPool, key_id: ApiKeyId) -> CheckedKeyRow | None:
    """A key with its owner, revoked ones too."""
    found = await reads.fetch(_CHECKED, {"id": key_id})
    return found[0] if found else None


async def api_key_page(connection: AsyncConnection, *, wanted: ApiKeyFilter, page: PageRequest) -> Page[ApiKey]:
    """Keys, the newest first."""
    found = select(api_keys).where(*_clauses(wanted))
    order = (api_keys.c.created_at.desc(), api_keys.c.id.desc())
    return (await keyset(connection, found, order=order, page=page)).map(_key)


def _clauses(wanted: ApiKeyFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.owner_id is not None:
        yield api_keys.c.owner_id == wanted.owner_id
    if wanted.kind is not None:
        yield api_keys.c.kind == wanted.kind
    if wanted.is_revoked is not None:
        yield api_keys.c.revoked_at.is_not(None) if wanted.is_revoked else api_keys.c.revoked_at.is_(None)


def _key(row: CoreRow[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        owner_id=row.owner_id,
        kind=row.kind,
        label=row.label,
        networks=row.networks,
        sealed_secret=row.sealed_secret,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )

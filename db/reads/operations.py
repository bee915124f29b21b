"""Registered operations for show, and for the processes that run them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.operations import persisted_operations as table
from domain.ids import OperationId, UserId
from domain.operations.manifest import ID_PREFIX
from domain.operations.operation import OperationFilter, OperationState, PersistedOperation
from domain.page import Page, PageRequest

_DIGEST_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class RunnableOperation:
    """What a process keeps of an operation; `is_active` is false for one that it must forget."""

    id: OperationId
    document_id: str
    aliases: tuple[str, ...]
    name: str
    owner_id: UserId | None
    is_active: bool
    body: str


async def operation_page(
    connection: AsyncConnection, *, wanted: OperationFilter, page: PageRequest
) -> Page[PersistedOperation]:
    """Operations, the newest first."""
    found = select(table).where(*_clauses(wanted))
    order = (table.c.registered_at.desc(), table.c.id.desc())
    return (await keyset(connection, found, order=order, page=page)).map(_operation)


async def find_operation(connection: AsyncConnection, operation_id: OperationId) -> PersistedOperation | None:
    """An operation, whoever it belongs to; who may see it is for the caller to ask."""
    row = (await connection.execute(select(table).where(table.c.id == operation_id))).first()
    return None if row is None else _operation(row)


async def runnable_since(connection: AsyncConnection, since: datetime | None) -> list[RunnableOperation]:
    """Active operations; with `since` all that changed from then on. There is no limit: one that is left out would
    not run, or run for ever. An owner has at most 2000.
    """
    found = _runnable().where(table.c.changed_at >= since if since else table.c.state == OperationState.ACTIVE)
    return [_kept(row) for row in await connection.execute(found)]


async def runnable_named(connection: AsyncConnection, name: str) -> list[RunnableOperation]:
    """Active operations that a client means by this id, in whichever of its forms, of any owner."""
    document_id = f"{ID_PREFIX}{name}" if len(name) == _DIGEST_LENGTH else name
    is_meant = or_(table.c.document_id == document_id, table.c.aliases.contains([name]))
    found = _runnable().where(is_meant, table.c.state == OperationState.ACTIVE)
    return [_kept(row) for row in await connection.execute(found)]


def _runnable() -> Select[Any]:
    return select(
        table.c.id, table.c.document_id, table.c.aliases, table.c.name, table.c.owner_id, table.c.state, table.c.body
    )


def _kept(row: Row[Any]) -> RunnableOperation:
    is_active = row.state is OperationState.ACTIVE
    return RunnableOperation(row.id, row.document_id, row.aliases, row.name, row.owner_id, is_active, row.body)


def _clauses(wanted: OperationFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state is not None:
        yield table.c.state == wanted.state
    if wanted.owner_id is not None:
        yield table.c.owner_id == wanted.owner_id
    if wanted.visible_to is not None:
        yield or_(table.c.owner_id.is_(None), table.c.owner_id == wanted.visible_to)


def _operation(row: Row[Any]) -> PersistedOperation:
    return PersistedOperation(
        id=row.id,
        document_id=row.document_id,
        aliases=row.aliases,
        name=row.name,
        kind=row.kind,
        body=row.body,
        owner_id=row.owner_id,
        state=row.state,
        cost=row.cost,
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        changed_at=row.changed_at,
        first_used_at=row.first_used_at,
        last_used_at=row.last_used_at,
        retired_at=row.retired_at,
        retired_reason=row.retired_reason,
    )

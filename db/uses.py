"""When things were last used, written in batches: a request writes nothing about itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from db.engine import Database
from domain.ids import ApiKeyId, OperationId

# Rows are locked in one order, or two processes that write the same ones would wait for each other.
_KEYS: Final = text(
    """
    with used as (select id from api_keys where id = any(:ids) order by id for no key update)
    update api_keys set last_used_at = greatest(last_used_at, :at) from used where api_keys.id = used.id
    """
)
_OPERATIONS: Final = text(
    """
    with used as (select id from persisted_operations where id = any(:ids) order by id for no key update)
    update persisted_operations set
        first_used_at = coalesce(first_used_at, :at), last_used_at = greatest(last_used_at, :at)
    from used where persisted_operations.id = used.id
    """
)


async def note_key_uses(database: Database, ids: Sequence[ApiKeyId], *, at: datetime) -> None:
    """Keep that these keys were let in; a later time that is known stays."""
    async with database.transaction() as connection:
        await connection.execute(_KEYS, {"ids": ids, "at": at})


async def note_operation_uses(database: Database, ids: Sequence[OperationId], *, at: datetime) -> None:
    """Keep that these operations ran; a later time that is known stays."""
    async with database.transaction() as connection:
        await connection.execute(_OPERATIONS, {"ids": ids, "at": at})

"""When things were last used, written in batches: a request writes nothing about itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text

from db.engine import Database
from domain.ids import ApiKeyId

# Rows are locked in one order, or two processes that write the same ones would wait for each other.
_KEYS: Final = text(
    """
    with uses as (select * from unnest(cast(:ids as uuid[]), cast(:times as timestamptz[])) as use (id, at)),
    locked as (select id from api_keys where id = any(:ids) order by id for no key update)
    update api_keys set last_used_at = greatest(last_used_at, uses.at)
    from uses join locked using (id) where api_keys.id = uses.id
    """
)


async def note_key_uses(database: Database, uses: Mapping[ApiKeyId, datetime]) -> None:
    """Keep when these keys were last let in; a later time that is known stays."""
    async with database.transaction() as connection:
        await connection.execute(_KEYS, {"ids": list(uses), "times": list(uses.values())})

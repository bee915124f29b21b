"""Idempotency keys: claimed first, answered last, in the command's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import asyncpg
from sqlalchemy import delete, select, tuple_

from db.engine import Database
from db.tables.idempotency import idempotency_keys
from domain.errors import ConcurrentChange
from domain.idempotency import IdempotencyKey, KeyReused, Replayed


async def claim(driver: asyncpg.Connection[asyncpg.Record], key: IdempotencyKey, *, at: datetime) -> None:
    """Make the command ours, waiting for a twin under way to commit or give up.

    Raises:
        Replayed: it was carried out; holds the answer.
        KeyReused: the key belongs to a command with other input.
        ConcurrentChange: what the key remembered is being forgotten at this moment.
    """
    named = (key.actor, key.operation, key.key)
    if await driver.fetchval(_CLAIM, *named, key.input_hash, at):
        return
    earlier = await driver.fetchrow(_EARLIER, *named)
    if earlier is None:  # forgotten between the two statements
        raise ConcurrentChange
    if earlier["input_hash"] != key.input_hash:
        raise KeyReused
    raise Replayed(earlier["answer"])


async def purge(database: Database, *, before: datetime, limit: int) -> int:
    """Forget at most `limit` answers given before this instant, the oldest first; answers how many."""
    keys = (idempotency_keys.c.actor, idempotency_keys.c.operation, idempotency_keys.c.key)
    oldest = (
        select(*keys)
        .where(idempotency_keys.c.at < before)
        .order_by(idempotency_keys.c.at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    async with database.transaction() as connection:
        return (await connection.execute(delete(idempotency_keys).where(tuple_(*keys).in_(oldest)))).rowcount


_CLAIM: Final = """
    insert into idempotency_keys (actor, operation, key, input_hash, at) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning true
"""
_EARLIER: Final = """
    select input_hash, answer from idempotency_keys where actor = $1 and operation = $2 and key = $3 for update
"""

"""Idempotency keys: claimed first, answered last, in the command's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import asyncpg
from sqlalchemy import delete, select, tuple_

from db.engine import Database
from db.prepared import Prepared
from db.tables.idempotency import idempotency_keys
from domain.errors import ConcurrentChange
from domain.idempotency import IdempotencyKey, KeyReused, Replayed
from domain.plain import Plain


def claiming(key: IdempotencyKey, *, at: datetime) -> str:
    """The statement that makes the command ours, waiting for a twin under way to commit or give up.

    Its outcome is for `require_claimed`.
    """
    return Prepared.claim_key.with_value(claim(key, at=at))


def claim(key: IdempotencyKey, *, at: datetime) -> dict[str, Plain]:
    """What is kept of a key, its answer aside."""
    return {
        "actor": key.actor,
        "operation": key.operation,
        "key": key.key,
        "input_hash": key.input_hash.hex(),
        "at": at.isoformat(),
        "kept_until": (at + key.kept).isoformat(),
    }


async def require_claimed(driver: asyncpg.Connection[asyncpg.Record], key: IdempotencyKey, outcome: str) -> None:
    """End a command that is not ours.

    Raises:
        Replayed: it was carried out; holds the answer.
        KeyReused: the key belongs to a command with other input.
        ConcurrentChange: what the key remembered is being forgotten at this moment.
    """
    if outcome == _CLAIMED:
        return
    earlier = await driver.fetchrow(_EARLIER, key.actor, key.operation, key.key)
    if earlier is None:  # forgotten between the two statements
        raise ConcurrentChange
    if earlier["input_hash"] != key.input_hash:
        raise KeyReused
    raise Replayed(earlier["answer"])


async def purge(database: Database, *, at: datetime, limit: int) -> int:
    """Forget at most `limit` answers that are kept no longer than this instant; answers how many."""
    keys = (idempotency_keys.c.actor, idempotency_keys.c.operation, idempotency_keys.c.key)
    oldest = (
        select(*keys)
        .where(idempotency_keys.c.kept_until < at)
        .order_by(idempotency_keys.c.kept_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    async with database.transaction() as connection:
        return (await connection.execute(delete(idempotency_keys).where(tuple_(*keys).in_(oldest)))).rowcount


_CLAIMED: Final = "INSERT 0 1"
_EARLIER: Final = """
    select input_hash, answer from idempotency_keys where actor = $1 and operation = $2 and key = $3 for update
"""

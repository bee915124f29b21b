"""Idempotency keys: claimed first, answered last, in the command's own transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.tables.idempotency import idempotency_keys
from domain.errors import ConcurrentChange
from domain.idempotency import IdempotencyKey, KeyReused, Replayed
from domain.plain import Plain


async def claim(session: AsyncSession, key: IdempotencyKey, *, at: datetime) -> None:
    """Make the command ours, waiting for a twin under way to commit or give up.

    Raises:
        Replayed: it was carried out; holds the answer.
        KeyReused: the key belongs to a command with other input.
        ConcurrentChange: what the key remembered is being forgotten at this moment.
    """
    mine = (
        insert(idempotency_keys)
        .values(actor=key.actor, operation=key.operation, key=key.key, input_hash=key.input_hash, at=at)
        .on_conflict_do_nothing()
        .returning(idempotency_keys.c.key)
    )
    if await session.scalar(mine) is not None:
        return
    earlier = (
        await session.execute(
            select(idempotency_keys.c.input_hash, idempotency_keys.c.answer).where(_is(key)).with_for_update()
        )
    ).one_or_none()
    if earlier is None:  # forgotten between the two statements
        raise ConcurrentChange
    if earlier.input_hash != key.input_hash:
        raise KeyReused
    raise Replayed(earlier.answer)


async def keep(session: AsyncSession, key: IdempotencyKey, answer: Plain) -> None:
    """Store what the command answered."""
    await session.execute(update(idempotency_keys).where(_is(key)).values(answer=answer))


def _is(key: IdempotencyKey) -> ColumnElement[bool]:
    return and_(
        idempotency_keys.c.actor == key.actor,
        idempotency_keys.c.operation == key.operation,
        idempotency_keys.c.key == key.key,
    )


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

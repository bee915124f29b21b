"""Signatures that may be used once: the first use is a row, committed before anything is done."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from db.engine import Database
from db.tables.api_keys import used_signatures

_BY_SIGNATURE: Final = used_signatures.c.signature


async def use_signature(database: Database, signature: bytes, *, at: datetime) -> bool:
    """Whether this is its first use, from now on for everybody."""
    row = insert(used_signatures).values(signature=signature, used_at=at)
    async with database.transaction() as connection:
        return (await connection.execute(row.on_conflict_do_nothing().returning(_BY_SIGNATURE))).first() is not None


async def forget_signatures(database: Database, *, before: datetime, limit: int) -> int:
    """Forget at most `limit` that were used before this instant, the oldest first; answers how many."""
    old = select(_BY_SIGNATURE).where(used_signatures.c.used_at < before).order_by(used_signatures.c.used_at)
    gone = delete(used_signatures).where(_BY_SIGNATURE.in_(old.limit(limit)))
    async with database.transaction() as connection:
        return (await connection.execute(gone)).rowcount

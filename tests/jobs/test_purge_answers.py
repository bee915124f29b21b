"""Answers are kept for two days and not longer."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from db.tables.idempotency import idempotency_keys
from domain.idempotency import KEPT
from jobs.parts import Parts
from jobs.purge_answers import purge_old_answers
from tests.commands import NOON, Commands


async def test_what_is_older_than_two_days_is_forgotten(commands: Commands, parts: Parts) -> None:
    ages = [("old", 48.01)] * 1_001 + [("kept", 47.99), ("fresh", 0)]
    rows = [
        {
            "actor": "usr_1",
            "operation": "transferCreate",
            "key": f"{name} {number}",
            "input_hash": b"",
            "answer": {},
            "at": NOON - timedelta(hours=hours),
            "kept_until": NOON - timedelta(hours=hours) + KEPT,
        }
        for number, (name, hours) in enumerate(ages)
    ]
    async with commands.database.transaction() as connection:
        await connection.execute(insert(idempotency_keys), rows)

    await purge_old_answers(parts)

    async with commands.database.read() as connection:
        left = await connection.scalars(select(idempotency_keys.c.key).order_by(idempotency_keys.c.key))
        assert list(left) == ["fresh 1002", "kept 1001"]

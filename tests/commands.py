"""Commands as people and the system give them, and what they left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from db.engine import Database
from db.tables.audit import audit_entries
from db.tables.outbox import outbox
from db.unit_of_work import Command, SqlUnitOfWork
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor
from domain.quotas import Quotas

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class Commands:
    """Opens units of work at a time that only a test moves on."""

    database: Database
    now: datetime = NOON
    quotas: Quotas = field(default_factory=Quotas)
    rings: int = 0

    @property
    def clock(self) -> CommandsClock:
        """Shows the same time."""
        return CommandsClock(self)

    def by(self, actor: Actor, *, operation: str = "test", once: IdempotencyKey | None = None) -> SqlUnitOfWork:
        """One command of this actor."""
        command = Command(
            actor=actor, operation=operation, request_id="req-1", now=self.now, once=once, quotas=self.quotas
        )
        return SqlUnitOfWork(self.database, command, ring=self._ring)

    def by_system(self, *, operation: str = "test") -> SqlUnitOfWork:
        """One command of the market itself."""
        return self.by(Actor.system(), operation=operation)

    def later(self, step: timedelta) -> None:
        """Move the clock on."""
        self.now += step

    async def events(self, name: str | None = None) -> list[Row[Any]]:
        """What was told, in order."""
        rows = select(outbox).order_by(outbox.c.id)
        async with self.database.read() as connection:
            return list(await connection.execute(rows.where(outbox.c.name == name) if name else rows))

    async def trail(self) -> list[Row[Any]]:
        """What was audited, in order."""
        async with self.database.read() as connection:
            return list(await connection.execute(select(audit_entries).order_by(audit_entries.c.id)))

    def _ring(self) -> None:
        self.rings += 1


@dataclass(frozen=True)
class CommandsClock:
    """A clock that stands where the commands' time stands."""

    commands: Commands

    def now(self) -> datetime:
        return self.commands.now


@pytest.fixture
def commands(database: Database) -> Commands:
    """Commands on this test's database, at noon."""
    return Commands(database)

"""What jobs reach, on a test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from db.advisory_lock import leadership
from db.callback_bodies import empty_bodies
from db.idempotency import purge
from db.signatures import forget_signatures
from db.streams import trim
from domain.gateways import Sealer
from integrations.sandbox.messenger import SandboxMessenger
from integrations.storage.links import FileLinks
from integrations.storage.object_storage import storage_at
from jobs.parts import Parts
from tests.commands import Commands


def make_parts(commands: Commands, folder: Path, *, sealer: Sealer) -> Parts:
    """The real storage behind its ports, files in a folder, and no vendor."""

    @asynccontextmanager
    async def lead(name: str) -> AsyncIterator[bool]:
        async with leadership(commands.database, name) as connection:
            yield connection is not None

    async def purge_answers(*, at: datetime, limit: int) -> int:
        return await purge(commands.database, at=at, limit=limit)

    async def trim_outbox(*, before: datetime, limit: int) -> int:
        async with commands.database.transaction() as connection:
            return await trim(connection, before=before, limit=limit)

    async def forget(*, before: datetime, limit: int) -> int:
        return await forget_signatures(commands.database, before=before, limit=limit)

    async def empty_callbacks(*, before: datetime, limit: int) -> int:
        return await empty_bodies(commands.database, before=before, limit=limit)

    return Parts(
        unit_of_work=lambda operation: commands.by_system(operation=operation),
        lead=lead,
        clock=commands.clock,
        purge_answers=purge_answers,
        trim_outbox=trim_outbox,
        forget_signatures=forget,
        empty_callbacks=empty_callbacks,
        messenger=SandboxMessenger(clock=commands.clock),
        sealer=sealer,
        storage=storage_at(f"file://{folder}", FileLinks(bytes(32), clock=commands.clock)),
    )

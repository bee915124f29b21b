"""Bring a database to the newest revision, one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.advisory_lock import lock_number


async def upgrade(url: str, revision: str = "head") -> None:
    """Run the revisions that are missing; processes that start together take turns."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Take revisions back, for a roll-back and for the test that every revision can be."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def _run(url: str, action: Callable[[Config], None]) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:number)"), {"number": lock_number("migrations")})
            await connection.commit()
            await connection.run_sync(_with_config, action)
            await connection.commit()
    finally:
        await engine.dispose()


def _with_config(connection: Connection, action: Callable[[Config], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    action(config)


def run_script(sql: str) -> None:
    """Run several statements of a revision at once, giving up after 5 s on a lock rather than queueing everybody."""
    op.execute("set local lock_timeout = '5s'")
    adapted = op.get_bind().connection.dbapi_connection
    assert adapted is not None, "a revision runs on a live connection"
    adapted.run_async(lambda driver: driver.execute(sql))

"""The revisions make exactly the tables that the code speaks of, and each can be taken back."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.mapping import map_everything
from db.migrating import downgrade, upgrade
from db.registry import metadata
from db.tables.sandbox import sandbox_clock
from db.tables.sync import sync_marks


async def differences(url: str) -> list[Any]:
    map_everything()
    engine = create_async_engine(url, poolclass=NullPool)

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def tables(url: str) -> list[str]:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(
                text("select tablename from pg_tables where schemaname = 'public' order by 1")
            )
            return [row.tablename for row in rows]
    finally:
        await engine.dispose()


async def test_the_tables_are_those_that_the_code_speaks_of(fresh_database_url: str) -> None:
    unmapped = (sandbox_clock, sync_marks)
    assert all(table.metadata is metadata for table in unmapped), "tables without entities are spoken of as well"
    assert await differences(fresh_database_url) == []


async def test_every_revision_can_be_taken_back_and_made_again(fresh_database_url: str) -> None:
    before = await tables(fresh_database_url)

    await downgrade(fresh_database_url, "base")
    emptied = await tables(fresh_database_url)
    await upgrade(fresh_database_url)

    assert emptied == ["alembic_version"]
    assert await tables(fresh_database_url) == before
    assert await differences(fresh_database_url) == []


async def test_upgrading_twice_changes_nothing(fresh_database_url: str) -> None:
    before = await tables(fresh_database_url)

    await upgrade(fresh_database_url)

    assert await tables(fresh_database_url) == before

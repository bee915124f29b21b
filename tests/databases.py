"""Empty, migrated databases: one that is wiped for every test, and copies for tests that need one to themselves."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import Database, open_database
from db.mapping import map_everything
from db.migrating import upgrade

TEMPLATE = "sokoni_template"
SHARED = "sokoni_shared"
# Emptying tables takes a tenth of the time of copying a database; the ledger's triggers would refuse it.
WIPE = """
do $$
declare
    name text;
begin
    set local session_replication_role = replica;
    for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' loop
        execute format('delete from %I', name);
    end loop;
    for name in select sequencename from pg_sequences where schemaname = 'public' loop
        execute format('alter sequence %I restart', name);
    end loop;
end $$
"""


def url_of(server: str, database: str) -> str:
    """The address of another database on the same server."""
    return make_url(server).set(database=database).render_as_string(hide_password=False)


async def execute(server: str, *statements: str) -> None:
    """Run statements that no transaction may hold, such as CREATE DATABASE."""
    engine = create_async_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest_asyncio.fixture(scope="session")
async def template(database_url: str) -> str:
    """The name of a database with every table and no row."""
    await execute(database_url, f"drop database if exists {TEMPLATE} with (force)", f"create database {TEMPLATE}")
    await upgrade(url_of(database_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    """Names that no other test of this run uses."""
    return (f"sokoni_test_{number}" for number in count())


@pytest_asyncio.fixture
async def fresh_database_url(database_url: str, template: str, database_names: Iterator[str]) -> AsyncIterator[str]:
    """The address of an empty, migrated database that only this test uses."""
    name = next(database_names)
    # Copying files takes a third of the time of copying through the log, where nothing must survive a power cut.
    await execute(
        database_url,
        f"drop database if exists {name} with (force)",
        f"create database {name} template {template} strategy file_copy",
    )
    yield url_of(database_url, name)
    await execute(database_url, f"drop database {name} with (force)")


@pytest_asyncio.fixture(scope="session")
async def shared_database(database_url: str, template: str) -> AsyncIterator[Database]:
    """One open database for all tests that need no more than empty tables."""
    map_everything()
    await execute(
        database_url, f"drop database if exists {SHARED} with (force)", f"create database {SHARED} template {template}"
    )
    opened = open_database(url_of(database_url, SHARED))
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def database(shared_database: Database) -> Database:
    """An open, migrated database with no row in it. What changes its tables takes `fresh_database_url` instead."""
    async with shared_database.transaction() as connection:
        await connection.execute(text(WIPE))
    return shared_database

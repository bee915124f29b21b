"""Hot reads: values as they are asked for, connections that are lent in turn and replaced when they die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Text, literal_column, select, text

from db.engine import Database, connector
from db.read_pool import ReadPool
from db.rows import Row, column
from db.statements import Statement, one_of, rows_max
from db.tables.identity import users
from domain.errors import Overloaded
from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.ids import UserId
from domain.instants import StoredInstant, instant_of
from tests.commands import NOON, Commands
from tests.makers.people import make_person


class Person(Row):
    id: UserId = column(users.c.id)
    roles: tuple[Role, ...] = column(users.c.roles)
    status: UserStatus = column(users.c.status)
    registered_at: StoredInstant = column(users.c.registered_at)
    blocked_until: StoredInstant | None = column(users.c.blocked_until)


class Answer(Row):
    value: str = column(literal_column("value", Text))


def answering(sql: str) -> Statement[Answer]:
    return Statement(Answer, lambda: select(*Answer.columns).select_from(text(f"({sql}) as answers (value)")))


PEOPLE = Statement(Person, lambda: select(*Person.columns).where(one_of(users.c.id, "ids")))
ACTIVE = Statement(Person, lambda: select(users.c.id).where(users.c.status == UserStatus.ACTIVE).limit(rows_max(3)))
ONE = answering("select 'one'")
NAP = answering("select pg_sleep(0.3)::text")


@pytest_asyncio.fixture
async def pool(database: Database) -> AsyncIterator[ReadPool]:
    """One connection, and a tenth of a second to wait for it."""
    opened = ReadPool(connector(database.engine.url, {"timezone": "UTC"}), size=1, wait_seconds=0.1)
    yield opened
    await opened.close()


async def test_a_row_shows_its_columns_as_values_of_ours(commands: Commands) -> None:
    amina, brian = await make_person(commands, Role.SUPPORT), await make_person(commands)

    rows = await commands.database.reads.fetch(PEOPLE, {"ids": [amina.user_id, brian.user_id]})

    row = next(row for row in rows if row.id == amina.user_id)
    assert (row.roles, row.status) == ((Role.CUSTOMER, Role.SUPPORT), UserStatus.ACTIVE)
    assert (instant_of(row.registered_at), row.blocked_until) == (NOON, None)
    assert len(rows) == 2


def test_constants_are_part_of_the_text_and_lists_are_one_parameter() -> None:
    assert "WHERE users.status = 'ACTIVE'" in ACTIVE.text
    assert ACTIVE.text.endswith("LIMIT 3")
    assert PEOPLE.text.count("$1::UUID[]") == 1


async def test_what_is_read_by_keys_is_planned_once_however_many_they_are(commands: Commands, pool: ReadPool) -> None:
    amina, brian = await make_person(commands), await make_person(commands)
    planned_once = answering(
        "select generic_plans::text from pg_prepared_statements where statement like 'SELECT users.id%'"
    )

    for ids in 8 * ([amina.user_id], [amina.user_id, brian.user_id]):
        assert len(await pool.fetch(PEOPLE, {"ids": ids})) == len(ids)

    (plans,) = await pool.fetch(planned_once)
    assert int(plans.value) > 0


async def test_whoever_waits_too_long_for_a_connection_may_try_again(pool: ReadPool) -> None:
    napping = asyncio.create_task(pool.fetch(NAP))
    await asyncio.sleep(0.05)

    with pytest.raises(Overloaded):
        await pool.fetch(ONE)

    await napping
    assert [row.value for row in await pool.fetch(ONE)] == ["one"]


async def test_a_connection_goes_to_who_waited_for_it_longest(database: Database) -> None:
    pool = ReadPool(connector(database.engine.url, {}), size=1, wait_seconds=5)

    answers = await asyncio.gather(pool.fetch(NAP), pool.fetch(ONE), pool.fetch(ONE))

    assert [[row.value for row in rows] for rows in answers] == [[""], ["one"], ["one"]]
    await pool.close()


async def test_who_waits_no_longer_takes_no_turn(database: Database) -> None:
    pool = ReadPool(connector(database.engine.url, {}), size=1, wait_seconds=5)
    napping = asyncio.create_task(pool.fetch(NAP))
    await asyncio.sleep(0.05)
    gone, waiting = asyncio.create_task(pool.fetch(ONE)), asyncio.create_task(pool.fetch(ONE))
    await asyncio.sleep(0)

    gone.cancel()

    with pytest.raises(asyncio.CancelledError):
        await gone
    await napping
    assert [row.value for row in await waiting] == ["one"]
    await pool.close()


async def test_connections_that_the_server_ended_are_replaced_unseen(database: Database, pool: ReadPool) -> None:
    await pool.fetch(ONE)
    async with database.read() as connection:
        await connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query like :q"
            ),
            {"q": "%(select 'one') as answers%"},
        )

    assert [row.value for row in await pool.fetch(ONE)] == ["one"]


async def test_a_read_that_nobody_waits_for_any_more_takes_no_connection_away(pool: ReadPool) -> None:
    napping = asyncio.create_task(pool.fetch(NAP))
    await asyncio.sleep(0.05)

    napping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await napping

    assert [row.value for row in await pool.fetch(ONE)] == ["one"]


async def test_a_refused_statement_gives_its_connection_back(pool: ReadPool) -> None:
    for _ in range(2):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pool.fetch(answering("select (1 / 0)::text"))

    assert [row.value for row in await pool.fetch(ONE)] == ["one"]


async def test_a_statement_outlives_a_change_of_its_table(database: Database, pool: ReadPool) -> None:
    numbers = answering("select number from numbers_read")
    async with database.transaction() as connection:
        await connection.execute(text("create table numbers_read as select 'one' as number"))
    await pool.fetch(numbers)

    async with database.transaction() as connection:
        await connection.execute(text("alter table numbers_read alter number type varchar(9)"))
    again = await pool.fetch(numbers)

    assert [row.value for row in again] == ["one"]
    async with database.transaction() as connection:
        await connection.execute(text("drop table numbers_read"))


async def test_the_connections_read_and_nothing_else(pool: ReadPool) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await pool.fetch(answering("select nextval('ledger_positions')::text"))


async def test_a_closed_pool_ends_what_is_given_back_to_it(database: Database) -> None:
    pool = ReadPool(connector(database.engine.url, {}), size=1, wait_seconds=1)
    napping = asyncio.create_task(pool.fetch(NAP))
    await asyncio.sleep(0.05)

    await pool.close()

    assert [row.value for row in await napping] == [""]

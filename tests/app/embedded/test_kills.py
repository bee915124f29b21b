"""Data survive whatever is killed, and nothing outlives its supervisor."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from app.embedded.data_folder import find_holder
from app.embedded.process import wait_until
from tests.app.embedded.conftest import Household, StartHousehold, answer_when_back, sleeper


async def test_a_killed_postgres_comes_back_with_every_commit(
    made_folder: Path, start_household: StartHousehold
) -> None:
    household = start_household()
    connection = await household.connect()
    await connection.execute("CREATE TABLE kept (number int)")
    await connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")

    os.kill(household.pids["postgres"], signal.SIGKILL)

    assert await count_when_back(household) == 1000


async def test_a_killed_valkey_comes_back_with_every_key(start_household: StartHousehold) -> None:
    household = start_household(servers="valkey")
    redis = household.redis()
    for number in range(1000):
        await redis.set(f"key:{number}", number)

    os.kill(household.pids["valkey"], signal.SIGKILL)

    size = await answer_when_back(redis.dbsize)
    assert size == 1000
    await redis.aclose()


async def test_nothing_outlives_a_killed_supervisor_and_the_next_one_has_the_data(
    made_folder: Path, start_household: StartHousehold
) -> None:
    first = start_household(sleeper(made_folder))
    connection = await first.connect()
    await connection.execute("CREATE TABLE kept (number int)")
    await connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")

    first.kill()
    assert wait_until(first.is_gone, seconds=8)
    second = start_household()

    assert await count_when_back(second) == 1000
    assert second.end() == 0
    assert second.is_gone()


async def test_a_busy_session_does_not_outlive_a_killed_supervisor(
    made_folder: Path, start_household: StartHousehold
) -> None:
    household = start_household()
    connection = await household.connect()
    busy = asyncio.create_task(
        connection.execute("SELECT sum(a * b) FROM generate_series(1, 1e5) a, generate_series(1, 1e5) b")
    )
    await asyncio.sleep(0.2)

    household.kill()

    with pytest.raises((asyncpg.PostgresError, ConnectionError)):
        await asyncio.wait_for(busy, 10)
    assert wait_until(household.is_gone, seconds=8)


async def test_ctrl_c_ends_all_of_it(made_folder: Path, start_household: StartHousehold) -> None:
    household = start_household(sleeper(made_folder))
    connection = await household.connect()

    status = household.end(signal.SIGINT)

    assert status == 0
    assert household.is_gone()
    assert find_holder(household.folder) is None
    assert not Path(household.redis_url.removeprefix("unix://")).parent.exists()
    connection.terminate()


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_it_too(
    request_to_end: signal.Signals, folder: Path, start_household: StartHousehold
) -> None:
    household = start_household(sleeper(folder), servers="")

    assert household.end(request_to_end) == 0
    assert household.is_gone()


async def count_when_back(household: Household) -> object:
    connection = await answer_when_back(household.connect)
    count = await connection.fetchval("SELECT count(*) FROM kept")
    await connection.close()
    return count

"""The servers run as whoever PostgreSQL accepts."""

import os
from pathlib import Path

import pytest

from app.embedded.identity import SPARE_UID, Identity, Way, choose_identity
from app.embedded.process import wait_until
from tests.app.embedded.conftest import StartHousehold, ways


@pytest.mark.parametrize("way", ways())
async def test_a_query_is_answered_and_nothing_stays(way: Way, start_household: StartHousehold) -> None:
    household = start_household(prefix=ways()[way])

    connection = await household.connect()
    facts = await connection.fetchrow(
        "SELECT current_database(), current_setting('fsync'), current_setting('data_checksums'), "
        "current_setting('server_version_num')::int / 10000"
    )
    await connection.close()
    redis = household.redis()
    assert await redis.ping() is True
    await redis.aclose()

    assert household.way is way
    assert facts is not None
    assert tuple(facts) == ("sokoni", "on", "on", 18)
    assert owner_of(household.pids["postgres"]) == (SPARE_UID if way is Way.DROP else os.stat(household.data).st_uid)
    assert household.end() == 0
    assert household.is_gone()


@pytest.mark.parametrize("way", [way for way in ways() if way is Way.DROP])
async def test_a_data_folder_that_cannot_be_entered_has_a_refuge(
    way: Way, folder: Path, start_household: StartHousehold
) -> None:
    folder.parent.chmod(0o700)

    household = start_household(prefix=ways()[way])

    connection = await household.connect()
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert not household.data.is_relative_to(folder)
    assert household.data.stat().st_mode & 0o022 == 0
    assert (household.data / "postgres-18").stat().st_uid == SPARE_UID


async def test_a_long_data_path_has_short_sockets(folder: Path, start_household: StartHousehold) -> None:
    long = folder / ("d" * 100) / ("e" * 100)

    household = start_household(data=long)

    connection = await household.connect()
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert household.data == long
    assert len(household.redis_url.removeprefix("unix://")) < 60


def test_a_folder_inside_a_private_one_cannot_be_entered(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    stranger = Identity(Way.DROP, SPARE_UID, SPARE_UID)

    assert not stranger.may_enter(tmp_path)
    assert stranger.may_enter(Path("/"))


def test_nobody_is_chosen_who_could_not_enter(tmp_path: Path) -> None:
    chosen = choose_identity(tmp_path)

    assert (chosen.way is Way.SAME) == (os.geteuid() != 0)
    assert chosen.way is Way.DROP or chosen.may_enter(tmp_path)


def owner_of(pid: int) -> int:
    return os.stat(f"/proc/{pid}").st_uid


def test_waiting_ends_with_its_time() -> None:
    assert wait_until(lambda: False, seconds=0.02) is False

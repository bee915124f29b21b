"""The servers run as whoever PostgreSQL accepts."""

import os
from pathlib import Path

import pytest

from app.embedded.identity import SPARE_UID, Identity, Way, choose_identity
from app.embedded.process import wait_until
from tests.app.embedded.conftest import Case, StartHousehold, cases


@pytest.mark.parametrize("case", cases().values(), ids=cases().keys())
async def test_a_query_is_answered_and_nothing_stays(case: Case, folder: Path, start_household: StartHousehold) -> None:
    folder.parent.chmod(case.parent_mode)

    household = start_household(prefix=case.prefix)

    connection = await household.connect()
    facts = await connection.fetchrow(
        "SELECT current_database(), current_setting('fsync'), current_setting('data_checksums'), "
        "current_setting('server_version_num')::int / 10000"
    )
    await connection.close()
    redis = household.redis()
    assert await redis.ping() is True
    await redis.aclose()

    assert household.way is case.way
    assert facts is not None
    assert tuple(facts) == ("sokoni", "on", "on", 18)
    assert owner_of(household.pids["postgres"]) == (SPARE_UID if case.way is Way.DROP else os.geteuid())
    assert household.data.is_relative_to(folder) == (case.parent_mode == 0o777)
    assert household.end() == 0
    assert household.is_gone()


async def test_a_long_data_path_has_short_sockets(made_folder: Path, start_household: StartHousehold) -> None:
    long = at_a_long_path(made_folder)

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

    assert chosen.way is Way.DROP or chosen.may_enter(tmp_path)
    assert os.geteuid() != 0 or chosen.way is not Way.SAME


def at_a_long_path(folder: Path) -> Path:
    long = folder.with_name("d" * 100) / ("e" * 100)
    long.parent.mkdir()
    return folder.rename(long)


def owner_of(pid: int) -> int:
    return os.stat(f"/proc/{pid}").st_uid


def test_waiting_ends_with_its_time() -> None:
    assert wait_until(lambda: False, seconds=0.02) is False

"""What the supervisor says to a second one, and how it keeps its programs."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.embedded.data_folder import DataFolderHeld, find_holder, hold
from app.embedded.port import PortTaken, require_free_port
from app.embedded.process import running, wait_until
from tests.app.embedded.conftest import ROOT, StartHousehold


def test_a_second_supervisor_is_told_who_holds_the_folder(folder: Path, start_household: StartHousehold) -> None:
    first = start_household(servers="valkey")

    second = subprocess.run(
        [sys.executable, "-m", "tests.app.embedded.household", str(folder), ""],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=20,
    )  # fmt: skip

    assert second.returncode == 1
    assert f"is held by process {first.process.pid} (http://household)" in second.stdout
    holder = find_holder(folder)
    assert holder is not None
    assert (holder.pid, holder.database_url, holder.redis_url) == (
        first.process.pid,
        first.database_url,
        first.redis_url,
    )


def test_a_folder_is_free_again_after_its_holder(tmp_path: Path) -> None:
    with hold(tmp_path / "data", address="here"):
        with pytest.raises(DataFolderHeld), hold(tmp_path / "data", address="there"):
            pytest.fail("held twice")
        assert find_holder(tmp_path / "data") is not None

    assert find_holder(tmp_path / "data") is None
    with hold(tmp_path / "data", address="there") as held:
        assert held.folder == tmp_path / "data"


def test_a_dead_program_is_started_again(tmp_path: Path, start_household: StartHousehold) -> None:
    mark = f"echo $$ >> {tmp_path}/lives; exec sleep 1000"
    start_household(["sleeper", 0, "/bin/sh", "-c", mark], servers="")
    lives = tmp_path / "lives"
    assert wait_until(lambda: lives.exists() and bool(lives.read_text()), seconds=5)

    os.kill(int(lives.read_text().split()[0]), signal.SIGKILL)

    assert wait_until(lambda: len(lives.read_text().split()) == 2, seconds=5)


def test_later_waves_end_after_earlier_ones(tmp_path: Path, start_household: StartHousehold) -> None:
    script = (
        "trap 'sleep 0.3; echo {name} >> {folder}/ends; exit' TERM; touch {folder}/{name}; while :; do sleep 0.05; done"
    )
    household = start_household(
        ["relay", 1, "/bin/sh", "-c", script.format(name="relay", folder=tmp_path)],
        ["serve", 0, "/bin/sh", "-c", script.format(name="serve", folder=tmp_path)],
        servers="",
    )
    assert wait_until(lambda: (tmp_path / "relay").exists() and (tmp_path / "serve").exists(), seconds=5)

    household.end()

    assert (tmp_path / "ends").read_text().split() == ["serve", "relay"]


def test_a_program_dies_with_its_killed_supervisor(tmp_path: Path, start_household: StartHousehold) -> None:
    household = start_household(
        ["sleeper", 0, "/bin/sh", "-c", f"trap '' TERM; : {tmp_path}; while :; do sleep 0.1; done"], servers=""
    )

    household.kill()

    assert wait_until(lambda: not any(running(lambda command: str(tmp_path) in " ".join(command))), seconds=3)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken"):
            require_free_port("127.0.0.1", port)

    require_free_port("127.0.0.1", port)

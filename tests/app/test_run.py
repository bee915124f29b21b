"""`sokoni run`: everything on one machine, as a newcomer meets it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from pydantic import SecretStr

from app.config import Environment, Settings
from app.embedded.data_folder import Holder, find_holder
from app.embedded.places import REFUGES, installation_name
from app.embedded.process import running, wait_until
from app.run import run

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Market:
    """A running `sokoni run` and what it has printed."""

    folder: Path
    process: subprocess.Popen[bytes]
    address: str
    output: Path

    @property
    def holder(self) -> Holder:
        holder = find_holder(self.folder)
        assert holder is not None
        return holder

    def has_greeted(self) -> bool:
        return "Ctrl-C" in self.output.read_text()

    def answers(self) -> bool:
        """The API reads a listing from the database."""
        document = json.dumps({"query": "{listings(first:1){nodes{title}}}"}).encode()
        request = Request(f"{self.address}/graphql", document, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=5) as response:
                return len(json.load(response)["data"]["listings"]["nodes"]) == 1
        except (URLError, OSError, TypeError):
            return False

    def is_gone(self) -> bool:
        marks = (str(self.folder), installation_name(self.folder))
        return not any(running(lambda command: any(mark in " ".join(command) for mark in marks)))

    def children(self, mark: str) -> list[int]:
        ours = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [pid for pid in running(lambda command: mark in command) if str(pid) in ours]


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """One that starts in an empty folder, on a port that is free."""
    with tempfile.TemporaryDirectory(prefix="sokoni-market-", dir="/tmp", ignore_cleanup_errors=True) as name:
        market = start(Path(name) / "data", free_port())
        try:
            assert wait_until(market.has_greeted, seconds=START_SECONDS), market.output.read_text()
            yield market
        finally:
            market.process.terminate()
            market.process.wait(30)
            shutil.rmtree(REFUGES / installation_name(market.folder), ignore_errors=True)


def test_it_greets_with_what_may_be_tried(market: Market) -> None:
    greeting = market.output.read_text()

    assert f"Sokoni is open at {market.address}" in greeting
    assert "subscription{walletEvents" in greeting
    assert not (market.folder / "banner.txt").exists()
    assert market.answers()


def test_a_second_one_is_told_who_holds_the_folder(market: Market) -> None:
    second = run_to_end(market.folder, free_port())

    assert second.returncode == 1
    assert f"is held by process {market.process.pid} ({market.address})" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_a_clear_message(market: Market, tmp_path: Path) -> None:
    port = int(market.address.rsplit(":", 1)[1])

    second = run_to_end(tmp_path / "data", port)

    assert second.returncode == 1
    assert (
        second.stderr == f"Port {port} on 127.0.0.1 is taken by another program. Choose another one with SOKONI_PORT.\n"
    )


@pytest.mark.parametrize("mark", ["serve", "relay", "worker", "sandbox-daraja", "sandbox-acquirers"])
def test_a_killed_program_is_started_again(market: Market, mark: str) -> None:
    (victim,) = market.children(mark)

    os.kill(victim, signal.SIGKILL)

    assert wait_until(lambda: len(market.children(mark)) == 1 and market.children(mark) != [victim], seconds=10)
    assert wait_until(market.answers, seconds=20)


def test_the_api_finds_a_postgres_that_was_killed(market: Market) -> None:
    (victim,) = market.children("-D")

    os.kill(victim, signal.SIGKILL)

    assert wait_until(lambda: len(market.children("-D")) == 1 and market.children("-D") != [victim], seconds=10)
    assert wait_until(market.answers, seconds=20)


def test_ctrl_c_leaves_nothing_and_the_data_are_there_again(market: Market) -> None:
    market.process.send_signal(signal.SIGINT)

    assert market.process.wait(30) == 0
    assert market.is_gone()
    assert "Stopped; the data stay." in market.output.read_text()

    again = start(market.folder, free_port())
    market.process = again.process  # the fixture ends it
    assert wait_until(again.answers, seconds=START_SECONDS)


def test_named_servers_are_used_instead_of_our_own(tmp_path: Path, fresh_database_url: str, redis_url: str) -> None:
    named = {"SOKONI_DATABASE_URL": fresh_database_url, "SOKONI_REDIS_URL": redis_url}
    metrics = two_free_ports()

    market = start(tmp_path / "data", free_port(), named | {"SOKONI_METRICS_PORT": str(metrics)})

    try:
        assert wait_until(market.answers, seconds=START_SECONDS)
        assert (market.holder.database_url, market.holder.redis_url) == (fresh_database_url, redis_url)
        assert wait_until(lambda: gives_figures(metrics) and gives_figures(metrics + 1), seconds=START_SECONDS)
        assert (market.children("-D"), market.children("--unixsocket")) == ([], [])
    finally:
        market.process.terminate()
        assert market.process.wait(30) == 0


def two_free_ports() -> int:
    """The first of two in a row."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


def gives_figures(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
            return b"# TYPE" in response.read()
    except (URLError, OSError):
        return False


def start(folder: Path, port: int, named: Mapping[str, str] | None = None) -> Market:
    output = folder.with_name(f"output-{port}")
    settings = environment(folder, port) | dict(named or {})
    with output.open("wb") as file:
        process = subprocess.Popen(COMMAND, cwd=ROOT, env=settings, stdout=file, stderr=file)
    return Market(folder, process, f"http://127.0.0.1:{port}", output)


def run_to_end(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND, cwd=ROOT, env=environment(folder, port), check=False, capture_output=True, text=True, timeout=30
    )


COMMAND = (sys.executable, "-m", "app.cli", "run")


def environment(folder: Path, port: int) -> dict[str, str]:
    """The settings of a newcomer, whatever the person who runs the tests has set."""
    ours = {f"SOKONI_{name.upper()}" for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    asked_often = {"SOKONI_RATE_LIMITS": "off", "SOKONI_EXPLORER": "off"}
    return kept | asked_often | {"SOKONI_DATA_DIR": str(folder), "SOKONI_PORT": str(port)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_it_is_refused_in_production(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        environment=Environment.PRODUCTION,
        data_dir=tmp_path / "data",
        master_secret=SecretStr("a secret of our own, long enough to be one"),
        database_url="postgresql+asyncpg://db/sokoni",
        redis_url="redis://redis:6379/0",
        rate_limits=True,
    )

    assert run(settings) == 1
    assert "serve, relay and worker" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()

"""A throw-away installation on durable servers: every process is the one that people run, none outlives the block."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.config import Settings
from app.embedded.data_folder import hold
from app.embedded.identity import same
from app.embedded.places import places_for
from app.embedded.postgres import DURABLE, PostgresServer
from app.embedded.process import end_all, last_lines, start, wait_until
from app.embedded.valkey import ValkeyServer
from bench.root import ROOT

READY_SECONDS: Final = 60.0
COMMAND_SECONDS: Final = 60.0
# The server then tells of each transaction when it was committed, which nobody outside can see.
TIMED: Final = {**DURABLE, "track_commit_timestamp": "on"}


@dataclass
class House:
    """Two servers with their process ids, and the processes on them, by name."""

    folder: Path
    database_url: str
    redis_url: str
    servers: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """Everything that works here, by name."""
        return {**self.servers, **{name: process.pid for name, process in self.processes.items()}}

    @property
    def settings(self) -> Settings:
        """As the processes have them."""
        return Settings(
            database_url=self.database_url, redis_url=self.redis_url, data_dir=self.folder, rate_limits=False
        )

    def command(self, *words: str) -> str:
        """Run one command of ours to its end and give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a process of ours that goes on."""
        return self.start_program(name, sys.executable, "-m", "app.cli", command, **more)

    def start_program(self, name: str, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start any process that goes on."""
        self.processes[name] = start(
            command,
            identity=same(),
            death_signal=signal.SIGKILL,
            log=self._log(name),
            environment=self._environment(**more),
        )
        return self.processes[name]

    def end(self, name: str) -> None:
        """End a process that was started here."""
        end_all([self.processes.pop(name)], seconds=10)

    def start_api(self, name: str, **more: str) -> str:
        """Start an API process, wait until it can do its work, and give its address."""
        port = free_port()
        process = self.start(name, "serve", SOKONI_PORT=str(port), **more)
        return self.await_up(name, process, port)

    def await_up(self, name: str, process: subprocess.Popen[bytes], port: int) -> str:
        """Wait until a server answers, and give its address."""
        url = f"http://127.0.0.1:{port}"
        is_up = wait_until(lambda: process.poll() is not None or answers(f"{url}/healthz"), seconds=READY_SECONDS)
        assert is_up, last_lines(self._log(name))
        assert process.poll() is None, last_lines(self._log(name))
        return url

    def await_open(self, name: str, process: subprocess.Popen[bytes], port: int) -> None:
        """Wait until something listens at a port."""
        is_open = wait_until(lambda: process.poll() is not None or listens(port), seconds=READY_SECONDS)
        assert is_open, last_lines(self._log(name))
        assert process.poll() is None, last_lines(self._log(name))

    def await_relay(self, url: str) -> None:
        """Wait until the API finds a relay that keeps up."""
        assert wait_until(lambda: answers(f"{url}/readyz"), seconds=READY_SECONDS), last_lines(self._log("relay"))

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "SOKONI_DATABASE_URL": self.database_url,
            "SOKONI_REDIS_URL": self.redis_url,
            "SOKONI_DATA_DIR": str(self.folder),
            "SOKONI_RATE_LIMITS": "off",
            "SOKONI_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
            **more,
        }


@contextmanager
def opened_house() -> Iterator[House]:
    """A migrated and seeded installation without processes; all that is started in it ends with the block."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sokoni-bench-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(hold(folder, address="bench"))
        places = places_for(folder)
        for made in (places.sockets, places.data):
            stack.callback(shutil.rmtree, made, ignore_errors=True)
        servers = (PostgresServer(places, durability=TIMED), ValkeyServer(places))
        for server in servers:
            stack.callback(server.stop)
            server.start()
        pids = {}
        for server in servers:
            assert wait_until(server.is_ready, seconds=READY_SECONDS), f"{server.name} did not start"
            assert server.process is not None, "it runs"
            pids[server.name] = server.process.pid
        house = House(folder, servers[0].url, servers[1].url, pids)
        stack.callback(lambda: end_all(list(house.processes.values()), seconds=10))
        house.command("migrate")
        house.command("seed")
        yield house


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether a connection is taken; asks at most ten times a second."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    time.sleep(0.1)
    return False


def answers(url: str) -> bool:
    """Whether a request is answered with success; asks at most ten times a second."""
    with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)  # noqa: PLR2004  # OK
    time.sleep(0.1)
    return False

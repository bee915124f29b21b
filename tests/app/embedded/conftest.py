"""Households for tests: supervisors as processes of their own, which the test may treat badly."""

import asyncio
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import asyncpg
import pytest
import redis.asyncio as redis

from app.embedded.identity import Identity, Way, choose_identity, known_account, may_enter_namespace
from app.embedded.places import installation_name, places_for
from app.embedded.postgres import PostgresServer
from app.embedded.process import LAUNCH, running, wait_until

ROOT = Path(__file__).parents[3]
REFUSING = Path(__file__).with_name("refusing.py")
START_SECONDS = 30

Answer = TypeVar("Answer")


@dataclass
class Household:
    """A running one, as it told about itself."""

    process: subprocess.Popen[str]
    folder: Path
    way: Way
    data: Path
    database_url: str
    redis_url: str
    pids: dict[str, int]

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.database_url.replace("+asyncpg", ""))

    def redis(self) -> "redis.Redis":
        return redis.from_url(self.redis_url)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, request: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(request)
        return self.process.wait(30)

    def is_gone(self) -> bool:
        """No server, no session and no program of it is left."""
        marks = (str(self.folder), installation_name(self.folder))
        return not any(running(lambda command: any(mark in " ".join(command) for mark in marks)))


class StartHousehold(Protocol):
    """Start a household on the test's folder; `programs` are lists of name, wave and command."""

    def __call__(
        self,
        *programs: Sequence[object],
        servers: str = "postgres,valkey",
        prefix: Sequence[str] = (),
        data: Path | None = None,
    ) -> Household: ...


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sokoni-household-", dir="/tmp", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o777)
        yield Path(name) / "data"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """A new cluster to copy, which is quicker than to make one."""
    with tempfile.TemporaryDirectory(prefix="sokoni-household-", dir="/tmp", ignore_cleanup_errors=True) as name:
        places = places_for(Path(name))
        server = PostgresServer(places)
        server.start()
        assert wait_until(server.is_ready, seconds=START_SECONDS)
        server.stop()
        yield places.data / "postgres-18"
        places.leave()
        shutil.rmtree(places.data, ignore_errors=True)


@pytest.fixture
def made_folder(folder: Path, cluster: Path) -> Path:
    """A data folder that has been used before."""
    shutil.copytree(cluster, folder / "postgres-18")
    return folder


@pytest.fixture
def start_household(folder: Path) -> Iterator[StartHousehold]:
    """Start a household on `folder`, behind the words of `prefix`, and end it after the test."""
    places: set[Path] = set()
    started: list[subprocess.Popen[str]] = []

    def start(
        *programs: Sequence[object],
        servers: str = "postgres,valkey",
        prefix: Sequence[str] = (),
        data: Path | None = None,
    ) -> Household:
        where = data or folder
        command = [*prefix, sys.executable, "-m", "tests.app.embedded.household", str(where), servers]
        process = subprocess.Popen(
            [*command, *(json.dumps(program) for program in programs)],
            cwd=ROOT,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], START_SECONDS)[0], "the household said nothing"
        told = json.loads(process.stdout.readline())
        places.update((Path(told["data"]), Path(told["sockets"])))
        return Household(
            process=process,
            folder=where,
            way=Way(told["way"]),
            data=Path(told["data"]),
            database_url=told["database_url"],
            redis_url=told["redis_url"],
            pids=told["pids"],
        )

    yield start
    for process in started:
        process.terminate()
        process.wait(30)
    for place in places:
        shutil.rmtree(place, ignore_errors=True)


def sleeper(folder: Path) -> list[object]:
    """A program that does nothing and names the household it belongs to."""
    return ["sleeper", 0, sys.executable, "-c", "import time; time.sleep(1000)", str(folder)]


async def answer_when_back(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again while the server is away, at most 15 s."""
    async with asyncio.timeout(15):
        while True:
            try:
                return await ask()
            except (OSError, asyncpg.PostgresError, redis.RedisError):
                await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Case:
    """A way to run the servers, the words before a command that bring it about, and the mode of the folder's parent."""

    way: Way
    prefix: list[str]
    parent_mode: int = 0o777


def cases() -> dict[str, Case]:
    """The ways that this machine and our user have."""
    refused = [sys.executable, str(REFUSING)]
    if os.geteuid() != 0:
        ourselves = Case(choose_identity(Path("/tmp")).way, [])
        root_inside = Case(Way.NAMESPACE, launched_as("namespace:0"))
        return {"ourselves": ourselves} | ({"root-in-a-namespace": root_inside} if may_enter_namespace() else {})
    dropped = {"dropped": Case(Way.DROP, refused), "dropped-to-a-refuge": Case(Way.DROP, refused, parent_mode=0o700)}
    account = known_account()
    if may_enter_namespace():
        ordinary = launched_as(f"namespace:{account.pw_uid}")
        return dropped | {"namespace": Case(Way.NAMESPACE, []), "ordinary": Case(Way.SAME, ordinary)}
    somebody = Identity(Way.DROP, account.pw_uid, account.pw_gid)
    if all(somebody.may_enter(folder) for folder in (Path(sys.executable).resolve().parent, ROOT)):
        return dropped | {"ordinary": Case(Way.SAME, launched_as(somebody.argument))}
    return dropped


def launched_as(identity: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(LAUNCH), identity, str(os.getpid()), str(int(signal.SIGKILL))]

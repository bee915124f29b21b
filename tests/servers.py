"""One throw-away PostgreSQL and Valkey for the whole run, or the ones that the environment names."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.embedded.data_folder import find_holder, hold
from app.embedded.places import Places, places_for
from app.embedded.postgres import THROW_AWAY, PostgresServer
from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer

PREFIX = "sokoni-test-"
YOUNG_SECONDS = 60.0
MEMORY = Path("/dev/shm")
DISK = Path("/tmp")
MEMORY_BYTES_MIN = 2 * 1024**3


@pytest.fixture(scope="session")
def server_places() -> Iterator[Places]:
    """Folders for the servers of this run. A killed run leaves no process, but its folder; the next one removes it."""
    remove_abandoned()
    with places_in(fastest()) as places:
        yield places


@contextmanager
def places_in(where: Path) -> Iterator[Places]:
    """Folders until the end of the block, held: another run that begins meanwhile would take them for abandoned."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    with hold(folder, address="tests"):
        places = places_for(folder)
        try:
            yield places
        finally:
            remove(places, folder)


def fastest() -> Path:
    """Memory where there is plenty: every test copies a database, which on a disk costs as much as the tests do."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return DISK
    return MEMORY if shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN else DISK


def remove_abandoned() -> None:
    """Remove folders of earlier runs that nobody holds. A young one may not have been locked yet."""
    for folder in (*MEMORY.glob(f"{PREFIX}*"), *DISK.glob(f"{PREFIX}*")):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > YOUNG_SECONDS and find_holder(folder) is None:
                remove(places_for(folder), folder)


def remove(places: Places, folder: Path) -> None:
    for made in (places.sockets, places.data, folder):
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(server_places: Places) -> Iterator[str]:
    """An empty database; its data need not survive a power cut."""
    if given := os.environ.get("SOKONI_TEST_DATABASE_URL"):
        yield given
        return
    server = PostgresServer(server_places, durability=THROW_AWAY)
    try:
        server.start()
        assert wait_until(server.is_ready, seconds=60)
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def redis_url(server_places: Places) -> Iterator[str]:
    """An empty Redis-compatible server."""
    if given := os.environ.get("SOKONI_TEST_REDIS_URL"):
        yield given
        return
    server = ValkeyServer(server_places)
    try:
        server.start()
        assert wait_until(server.is_ready, seconds=60)
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def mortal_valkey() -> Iterator[ValkeyServer]:
    """A Valkey of the test's own, started and killed by the test."""
    with places_in(DISK) as places:
        server = ValkeyServer(places)
        server.start()
        assert wait_until(server.is_ready, seconds=30)
        yield server
        server.stop()

"""One throw-away PostgreSQL and Valkey for the whole run, or the ones that the environment names."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.places import Places, places_for
from app.embedded.postgres import THROW_AWAY, PostgresServer
from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer


@pytest.fixture(scope="session")
def server_places() -> Iterator[Places]:
    """Folders for the servers of this run. A killed run leaves its folder behind, never a process."""
    folder = Path(tempfile.mkdtemp(prefix="sokoni-test-", dir="/tmp"))
    places = places_for(folder)
    try:
        yield places
    finally:
        shutil.rmtree(places.sockets, ignore_errors=True)
        shutil.rmtree(places.data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


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

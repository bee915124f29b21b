"""Processes on one database, and a Valkey that may be killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.embedded.places import places_for
from app.embedded.process import wait_until
from app.embedded.valkey import ValkeyServer
from tests.realtime.notes import Process, process


@pytest.fixture
async def one(fresh_database_url: str, redis_url: str) -> AsyncIterator[Process]:
    async with process(fresh_database_url, redis_url) as made:
        yield made


@pytest.fixture
async def other(fresh_database_url: str, redis_url: str) -> AsyncIterator[Process]:
    async with process(fresh_database_url, redis_url) as made:
        yield made


@pytest.fixture
def mortal_valkey() -> Iterator[ValkeyServer]:
    """A Valkey of the test's own, started and killed by the test."""
    folder = Path(tempfile.mkdtemp(prefix="sokoni-test-", dir="/tmp"))
    places = places_for(folder)
    server = ValkeyServer(places)
    server.start()
    assert wait_until(server.is_ready, seconds=30)
    yield server
    server.stop()
    for left in (places.sockets, places.data, folder):
        shutil.rmtree(left, ignore_errors=True)

"""Processes on one database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.realtime.notes import Process, process


@pytest.fixture
async def one(fresh_database_url: str, redis_url: str) -> AsyncIterator[Process]:
    async with process(fresh_database_url, redis_url) as made:
        yield made


@pytest.fixture
async def other(fresh_database_url: str, redis_url: str) -> AsyncIterator[Process]:
    async with process(fresh_database_url, redis_url) as made:
        yield made

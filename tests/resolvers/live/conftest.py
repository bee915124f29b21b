"""The API of one process with a relay beside it, on each test's own database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from prometheus_client import CollectorRegistry

from app.registry import Registry
from domain.clock import SystemClock
from domain.gateways import Gateways
from domain.uploads import Storage
from realtime.broadcast import MEMORY, Broadcast
from realtime.cursors import CursorSeal
from realtime.doorbell import Doorbell
from realtime.hub import Hub
from realtime.metrics import RealtimeMetrics
from realtime.publishing import publishing_table
from realtime.relay import Relay
from realtime.replay import LiveStreams
from resolvers.settings_cache import SettingsCache
from tests.api import ApiProcess
from tests.commands import Commands
from tests.resolvers.live.listening import LiveApi
from transport.operations import Operations


@pytest_asyncio.fixture
async def live(
    operations: Operations, commands: Commands, gateways: Gateways, registry: Registry, storage: Storage
) -> AsyncIterator[LiveApi]:
    """Whatever a test commits reaches whoever listens, within the relay's quarter of a second or at a ring."""
    database, metrics, table = commands.database, RealtimeMetrics(CollectorRegistry()), publishing_table()
    async with Broadcast(MEMORY) as broadcast, Doorbell(broadcast) as doorbell:
        process = ApiProcess(
            operations=operations,
            commands=commands,
            settings=SettingsCache(database),
            gateways=gateways,
            registry=registry,
            storage=storage,
            live=LiveStreams(database, Hub(broadcast, metrics), table, metrics, cursors=CursorSeal(b"only for tests")),
        )
        relay = Relay(database, broadcast, doorbell, table, clock=SystemClock(), metrics=metrics)
        relaying = asyncio.create_task(relay.run())
        yield LiveApi(process, doorbell)
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)

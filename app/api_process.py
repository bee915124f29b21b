"""What an API process has besides the wiring, for as long as it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from app.api_keys import ApiKeyAuthentication
from app.authentication import Authentication
from app.config import Settings
from app.keys import found_key
from app.metrics import show_apart
from app.registered_documents import Source
from app.registry import Registry
from app.sandbox import sandbox_of
from app.settings_watch import watch_settings
from app.surroundings import ApiSurroundings
from app.uses import Uses
from app.wiring import Wiring, wired
from db.reads.access_changes import access_changes
from domain.rate_limits import RateLimiter, Unlimited
from integrations.jwt.token_verifier import JwtVerifier
from integrations.redis.rate_limits import SharedRateLimiter
from realtime.cursors import CursorSeal
from realtime.hub import Hub
from realtime.presence import Presence
from realtime.publishing import publishing_table
from realtime.replay import LiveStreams
from realtime.revocations import Revocations
from resolvers.settings_cache import SettingsCache
from schema.pages import CursorSigner


@dataclass(frozen=True, kw_only=True)
class ApiProcess:
    """The wiring, and where contexts come from."""

    wiring: Wiring
    surroundings: ApiSurroundings


@asynccontextmanager
async def api_process(settings: Settings, registry: Registry) -> AsyncIterator[ApiProcess]:
    """Open everything that answers requests; ended access and what may be run are known before the first of them."""
    async with AsyncExitStack() as stack:
        wiring = await stack.enter_async_context(wired(settings, application_name="sokoni api"))
        await found_key(wiring)
        show_apart(wiring)
        hub = Hub(wiring.broadcast, wiring.metrics)
        revocations = Revocations(
            partial(access_changes, wiring.database.reads), clock=wiring.clock, metrics=wiring.metrics
        )
        await revocations.refresh()
        presence = await stack.enter_async_context(Presence(revocations, clock=wiring.clock, metrics=wiring.metrics))
        if wiring.house_clock is not None:
            wiring.house_clock.when_moved(presence.clock_moved)
        remembered = SettingsCache(wiring.database)
        uses = Uses(wiring.database, clock=wiring.clock)
        await registry.documents.open(Source(wiring.database, wiring.clock, uses))
        keys = ApiKeyAuthentication(wiring.database.reads, sealer=wiring.gateways.sealer, clock=wiring.clock, uses=uses)
        surroundings = ApiSurroundings(
            wiring=wiring,
            authentication=Authentication(JwtVerifier(wiring.keys, clock=wiring.clock), revocations, keys),
            presence=presence,
            limiter=await stack.enter_async_context(limiting(settings, wiring)),
            live=LiveStreams(
                wiring.database,
                hub,
                publishing_table(),
                wiring.metrics,
                cursors=CursorSeal(settings.key_for("stream cursors")),
                heartbeat_seconds=settings.heartbeat_seconds,
            ),
            settings=remembered,
            registry=registry,
            cursors=CursorSigner(settings.key_for("page cursors")),
            sandbox=sandbox_of(wiring),
        )
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(revocations.run(hub), name="ended access"),
                tasks.create_task(watch_settings(hub, remembered), name="changed settings"),
                tasks.create_task(registry.documents.run(hub), name="registered operations"),
                tasks.create_task(uses.run(), name="last uses"),
            ]
            try:
                yield ApiProcess(wiring=wiring, surroundings=surroundings)
            finally:
                for task in watching:
                    task.cancel()


@asynccontextmanager
async def limiting(settings: Settings, wiring: Wiring) -> AsyncIterator[RateLimiter]:
    """The general limit, exchanged with the other processes until the end of the block, or none where it is lifted."""
    if not settings.rate_limits:
        yield Unlimited()
        return
    limiter = SharedRateLimiter(wiring.redis_url, per_minute=settings.rate_limit_per_minute, clock=wiring.clock)
    async with limiter:
        yield limiter

"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.wiring import Wiring
from db.outbox import Lag, lag

log = structlog.get_logger("sokoni.health")
T = TypeVar("T")
CHECK_SECONDS: Final = 2
RELAY_LAG_SECONDS_MAX: Final = 30


async def alive(_: Request) -> Response:
    """`/healthz`: the process answers."""
    return _json({"status": "alive"}, status=200)


async def ready(request: Request) -> Response:
    """`/readyz`: database and Redis answer, and no event has waited longer than 30 s for the relay."""
    wiring: Wiring = request.app.state.wiring
    behind, redis = await asyncio.gather(
        _answer("database", _relay_lag(wiring)), _answer("redis", _redis_answers(wiring))
    )
    is_ready = behind is not None and redis is not None and behind.oldest_seconds < RELAY_LAG_SECONDS_MAX
    report = {
        "status": "ready" if is_ready else "not ready",
        "database": behind is not None,
        "redis": redis is not None,
        "relayLagSeconds": round(behind.oldest_seconds, 3) if behind else None,
        "relayWaiting": behind.waiting if behind else None,
    }
    return _json(report, status=200 if is_ready else 503)


async def _relay_lag(wiring: Wiring) -> Lag:
    async with wiring.database.read() as connection:
        return await lag(connection, now=wiring.clock.now())


async def _redis_answers(wiring: Wiring) -> bool:
    await wiring.broadcast.ping()
    return True


async def _answer(of: str, question: Awaitable[T]) -> T | None:
    """The answer, or None when there is none in time; what went wrong is in the log."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await question
    except Exception as fault:
        log.warning("not_ready", part=of, why=repr(fault))
        return None


def _json(report: Mapping[str, object], *, status: int) -> Response:
    return Response(
        orjson.dumps(report), status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )

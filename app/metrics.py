"""The figures of this process for Prometheus."""

from __future__ import annotations

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app.wiring import Wiring


async def metrics(request: Request) -> Response:
    """`/metrics`: the process' counters and gauges."""
    wiring: Wiring = request.app.state.wiring
    wiring.metrics.tasks.set(len(asyncio.all_tasks()))
    return Response(generate_latest(wiring.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

"""The figures of this process for Prometheus."""

from __future__ import annotations

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest, start_http_server
from starlette.requests import Request
from starlette.responses import Response

from app.wiring import Wiring


def show_apart(wiring: Wiring) -> None:
    """Show the figures of an API process on a port of their own, where it does not show them on its own port."""
    settings, loop = wiring.settings, asyncio.get_running_loop()
    if settings.metrics_port is not None and not settings.serves_metrics:
        wiring.metrics.tasks.set_function(lambda: len(asyncio.all_tasks(loop)))
        start_http_server(settings.metrics_port, settings.host, registry=wiring.registry)


async def metrics(request: Request) -> Response:
    """`/metrics`: the process' counters and gauges."""
    wiring: Wiring = request.app.state.wiring
    wiring.metrics.tasks.set(len(asyncio.all_tasks()))
    return Response(generate_latest(wiring.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

"""The figures of this process for Prometheus."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response


async def metrics(_: Request) -> Response:
    """`/metrics`: the process' counters and gauges."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

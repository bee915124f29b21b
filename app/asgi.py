"""The ASGI application: routes, what stands around them, and what lives as long as the process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from app.api_process import api_process
from app.config import Settings
from app.health import alive, ready
from app.metrics import metrics
from app.middleware import RequestFrame
from app.wiring import Wiring
from resolvers.executable_schema import SokoniSchema, build_schema
from resolvers.extensions import EXTENSIONS
from transport.endpoint import Endpoint

GRAPHQL: Final = "/graphql"
ALLOWED_HEADERS: Final = ("Authorization", "Content-Type", "X-Request-Id")
EXPOSED_HEADERS: Final = ("X-Request-Id", "Retry-After")
JWKS_SECONDS: Final = 300


class Door:
    """Where the endpoint stands; it is hung in when the process has its parts."""

    def __init__(self) -> None:
        self.endpoint: Endpoint | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a socket."""
        assert self.endpoint is not None, "requests come after the start"
        await self.endpoint(scope, receive, send)


def build_application(settings: Settings) -> Starlette:
    """The application of one API process."""
    schema = build_schema(
        extensions=list(EXTENSIONS), suggests_names=not settings.is_production, mode=settings.execution
    )
    door = Door()

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with api_process(settings) as process:
            application.state.wiring = process.wiring
            door.endpoint = Endpoint(
                schema, surroundings=process.surroundings, allowed_origins=settings.allowed_origins
            )
            yield

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route(GRAPHQL, door, methods=["GET", "POST"]),
            WebSocketRoute(GRAPHQL, door),
            Route("/healthz", alive),
            Route("/readyz", ready),
            Route("/metrics", metrics),
            Route("/schema.graphql", sdl_route(schema)),
            Route("/.well-known/jwks.json", jwks),
        ],
        middleware=[
            Middleware(RequestFrame, body_bytes_max=settings.body_bytes_max),
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.allowed_origins),
                allow_methods=["GET", "POST"],
                allow_headers=list(ALLOWED_HEADERS),
                expose_headers=list(EXPOSED_HEADERS),
            ),
        ],
    )


def sdl_route(schema: SokoniSchema) -> Callable[[Request], Awaitable[Response]]:
    """Serves the SDL, printed once."""
    text = schema.as_str()

    async def sdl(_: Request) -> Response:
        """`/schema.graphql`: the contract as text."""
        return PlainTextResponse(text)

    return sdl


async def jwks(request: Request) -> Response:
    """`/.well-known/jwks.json`: the public keys that tokens are accepted of (RFC 7517)."""
    wiring: Wiring = request.app.state.wiring
    body = orjson.dumps({"keys": await wiring.keys.public_jwks()})
    headers = {"Cache-Control": f"public, max-age={JWKS_SECONDS}"}
    return Response(body, media_type="application/jwk-set+json", headers=headers)

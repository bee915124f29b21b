"""The ASGI application: routes, what stands around them, and what lives as long as the process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.schema.base import BaseSchema

from app.acquirer_callbacks import CALLBACKS, Callbacks
from app.api_process import api_process
from app.codes import picture
from app.config import Settings
from app.document_checking import SchemaChecker
from app.documents import trusted_documents
from app.explorer import sign_in
from app.explorer.pages import Pages
from app.files import stored_file
from app.health import alive, ready
from app.metrics import metrics
from app.middleware import FORM_BYTES_MAX, RequestFrame
from app.refusal import nothing_here, our_fault
from app.registered_documents import RegisteredDocuments
from app.registry import Registry
from app.wiring import Wiring
from db.coalescing import Coalescing
from resolvers.executable_schema import build_schema
from resolvers.policy import ApiPolicy
from transport.endpoint import Endpoint
from transport.limits import Limits
from transport.operations import Operations
from transport.surroundings import headers_of
from transport.uploads import PREFLIGHT_HEADERS

GRAPHQL: Final = "/graphql"
ALLOWED_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "X-Request-Id",
    *(name.decode().title() for name in PREFLIGHT_HEADERS),
)
EXPOSED_HEADERS: Final = ("ETag", "Retry-After", "X-Request-Id")
JWKS_SECONDS: Final = 300


class Door:
    """Where the endpoint stands; it is hung in when the process has its parts. Other paths lead to the pages.

    What browsers of other origins may read is decided outside the frame, so that they can read its refusals as well;
    what they ask before is answered inside of it, as everything is.
    """

    def __init__(
        self,
        pages: ASGIApp,
        *,
        allowed_origins: Sequence[str],
        body_bytes_max: int,
        form_bytes_max: int = FORM_BYTES_MAX,
    ) -> None:
        self.endpoint: Endpoint | None = None
        self.callbacks: Callbacks | None = None
        self._pages = pages
        self._framed = RequestFrame(self._routed, body_bytes_max=body_bytes_max, form_bytes_max=form_bytes_max)
        self._across_origins = across_origins(self._framed, allowed_origins)
        asked_before = across_origins(self._routed, allowed_origins)
        self._asked_before = RequestFrame(asked_before, body_bytes_max=body_bytes_max, form_bytes_max=form_bytes_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a socket."""
        if scope["type"] == "lifespan":
            await self._pages(scope, receive, send)
            self._framed.log.write()
            self._asked_before.log.write()
        elif scope["path"] == GRAPHQL and b"origin" in headers_of(scope):
            is_asked_before = scope.get("method") == "OPTIONS"
            await (self._asked_before if is_asked_before else self._across_origins)(scope, receive, send)
        else:
            await self._framed(scope, receive, send)

    def stop(self) -> None:
        """The process begins to stop."""
        if self.endpoint is not None:
            self.endpoint.stop()

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != GRAPHQL:
            is_callback = scope["type"] == "http" and scope["path"].startswith(CALLBACKS)
            await (self.callbacks or self._pages if is_callback else self._pages)(scope, receive, send)
            return
        assert self.endpoint is not None, "requests come after the start"
        await self.endpoint(scope, receive, send)


def across_origins(application: ASGIApp, allowed_origins: Sequence[str]) -> CORSMiddleware:
    """Lets browsers of these origins read what the application answers."""
    return CORSMiddleware(
        application,
        allow_origins=list(allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=list(ALLOWED_HEADERS),
        expose_headers=list(EXPOSED_HEADERS),
    )


def build_application(settings: Settings) -> Door:
    """The application of one API process."""
    schema = build_schema(suggests_names=not settings.is_production)
    documents = RegisteredDocuments(remembers_texts=not settings.is_production)
    operations = Operations(
        schema,
        persisted=documents,
        policy=ApiPolicy(shows_schema=not settings.is_production),
        limits=Limits(body_bytes=settings.body_bytes_max),
        mode=settings.execution,
        suggests_names=not settings.is_production,
        sharing=Coalescing(),
    )
    operations.trust(trusted_documents())
    registry = Registry(documents, SchemaChecker(operations.prepare))

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        async with api_process(settings, registry) as process:
            application.state.wiring = process.wiring
            door.callbacks = Callbacks(process.wiring)
            door.endpoint = Endpoint(
                operations,
                surroundings=process.surroundings,
                allowed_origins=settings.allowed_origins,
                upload_limits=settings.upload_limits,
                texts_by_get=not settings.is_production,
            )
            process.surroundings.settings.when_busted(door.endpoint.answers.forget)
            documents.when_changed(door.endpoint.answers.forget)
            yield

    pages = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/healthz", alive),
            Route("/readyz", ready),
            *([Route("/metrics", metrics)] if settings.serves_metrics else []),
            Route("/.well-known/jwks.json", jwks),
            Route("/files/{key:path}", stored_file),
            Route("/codes/{token}.{kind}", picture),
            *schema_routes(settings, schema),
            *explorer_routes(settings),
        ],
        exception_handlers={HTTPException: nothing_here, Exception: our_fault},
    )
    door = Door(
        pages,
        allowed_origins=settings.allowed_origins,
        body_bytes_max=settings.body_bytes_max,
        form_bytes_max=settings.upload_limits.body_bytes_max,
    )
    return door


def explorer_routes(settings: Settings) -> list[Route]:
    """The explorer where it is served; acting as demo people is nothing for production."""
    pages = Pages().routes() if settings.serves_explorer else []
    people = sign_in.routes() if settings.serves_explorer and not settings.is_production else []
    return [*pages, *people]


def schema_routes(settings: Settings, schema: BaseSchema) -> list[Route]:
    """The contract as text, where everybody may ask about the schema."""
    return [] if settings.is_production else [Route("/schema.graphql", sdl_route(schema))]


def sdl_route(schema: BaseSchema) -> Callable[[Request], Awaitable[Response]]:
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

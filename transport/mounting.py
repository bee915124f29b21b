"""One import and one call: the routes that serve a schema."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from starlette.routing import BaseRoute, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send
from strawberry.schema.base import BaseSchema

from execution.mode import ExecutionMode
from transport.endpoint import Endpoint
from transport.limits import Limits
from transport.operations import Operations
from transport.persisted import PersistedDocuments
from transport.plain_surroundings import ContextOf, PlainSurroundings, caller_and_parameters
from transport.policy import Policy
from transport.surroundings import Surroundings
from transport.uploads import UploadLimits


class GraphqlRoutes(list[BaseRoute]):
    """Routes for an application of yours; alone they are one that any ASGI server serves."""

    def __init__(self, path: str, endpoint: Endpoint) -> None:
        super().__init__([Route(path, endpoint), WebSocketRoute(path, endpoint)])
        self.endpoint = endpoint
        self._router = Router(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a socket."""
        await self._router(scope, receive, send)


def graphql_routes(  # noqa: PLR0913  # all that may be said of it, in one place
    schema: BaseSchema,
    path: str = "/graphql",
    *,
    context: ContextOf = caller_and_parameters,
    surroundings: Surroundings | None = None,
    policy: Policy | None = None,
    persisted: PersistedDocuments | None = None,
    trusted: Iterable[str] = (),
    limits: Limits | None = None,
    upload_limits: UploadLimits | None = None,
    mode: ExecutionMode = ExecutionMode.COMPILED,
    suggests_names: bool | None = None,
    allowed_origins: Collection[str] = (),
    texts_by_get: bool = True,
) -> GraphqlRoutes:
    """Serve a schema at `path`: requests, event streams, multipart subscriptions, uploads and sockets.

    `context` makes the context of each operation; who has sockets and streams to close gives `surroundings` instead.
    `trusted` are texts of documents that are compiled now and found by their id. Names are suggested where the schema's
    configuration does not forbid it. A schema with extensions of strawberry's is executed by strawberry.
    """
    config: Any = schema.config
    operations = Operations(
        schema,
        policy=policy,
        persisted=persisted,
        limits=limits,
        mode=mode,
        suggests_names=not config.disable_field_suggestions if suggests_names is None else suggests_names,
    )
    operations.trust(trusted)
    endpoint = Endpoint(
        operations,
        surroundings=surroundings or PlainSurroundings(context),
        allowed_origins=allowed_origins,
        upload_limits=upload_limits,
        texts_by_get=texts_by_get,
    )
    return GraphqlRoutes(path, endpoint)

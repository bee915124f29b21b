"""The GraphQL endpoint over HTTP and sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.schema import BaseSchema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from transport.socket import SocketHandler
from transport.surroundings import Refused, Surroundings

OPERATIONS_PER_SOCKET: Final = 100
INIT_WAIT_SECONDS: Final = 5


class Endpoint(GraphQL[Any, None]):
    """Serves a schema; every answer is JSON, also that of a request that never ran."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: BaseSchema, *, surroundings: Surroundings, allowed_origins: Sequence[str] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=INIT_WAIT_SECONDS),
            max_subscriptions_per_connection=OPERATIONS_PER_SOCKET,
            allowed_origins=allowed_origins,
        )
        self.surroundings = surroundings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as fault:
            response = refusal(fault.reason, code="BAD_REQUEST", status=fault.status_code)
        except Refused as refused:
            response = refusal(str(refused), code=refused.code, status=refused.status, request_id=refused.request_id)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """A request's context; a socket's operations get theirs when they start."""
        return await self.surroundings.of_request(request) if isinstance(request, Request) else {}

    def parse_json(self, data: str | bytes) -> Any:
        """The body of a request; strawberry looks into what it takes to be an object."""
        body = super().parse_json(data)
        if not isinstance(body, dict | list):
            raise HTTPException(400, "The request body must be a JSON object")
        return body

    def encode_json(self, data: object) -> str:
        """JSON text; sockets carry text frames."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """The JSON value; strawberry expects ValueError's kin for what is none, and orjson's is one."""
        return orjson.loads(data)


def refusal(message: str, *, code: str, status: int, request_id: str = "") -> Response:
    """A GraphQL error for a request that never ran."""
    extensions: Mapping[str, str] = {"code": code} | ({"requestId": request_id} if request_id else {})
    body = {"errors": [{"message": message, "extensions": extensions}]}
    headers = {"Allow": "POST"} if status == 405 else None  # noqa: PLR2004  # Method Not Allowed
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)

"""What a schema's owner provides so that its operations can be served: a context for each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from transport.body import Body, Receive

Close = Callable[[int, str], Awaitable[None]]

HEADERS: Final = "headers"


class Refused(Exception):
    """The caller may not come in. The message is for the client."""

    def __init__(
        self, message: str, *, code: str, status: int = 401, request_id: str = "", reason: str | None = None
    ) -> None:
        self.code, self.status, self.request_id, self.reason = code, status, request_id, reason
        super().__init__(message)

    @property
    def extensions(self) -> dict[str, str]:
        """What the error tells machines; a reason is finer than the code."""
        return {"code": self.code, "requestId": self.request_id, "reason": self.reason or ""}


# Made for every request; to freeze one takes longer than to make it.
@dataclass(slots=True)
class Caller:
    """Who calls, as far as the transport knows. Names of headers are in lower case."""

    headers: Mapping[bytes, bytes]
    address: str
    state: Mapping[str, Any]
    scope: Mapping[str, Any] = field(default_factory=dict)
    body: Body = field(default_factory=Body)

    @property
    def method(self) -> str:
        """The request's; a socket's handshake is a GET."""
        return str(self.scope.get("method", "GET"))

    @property
    def target(self) -> str:
        """Path and query, as they were sent."""
        path: bytes = self.scope["raw_path"]
        query: bytes = self.scope.get("query_string", b"")
        return (path + b"?" + query if query else path).decode("latin-1")

    def header(self, name: bytes) -> str | None:
        """A header's value."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def request_id(self) -> str:
        """What stands before the endpoint calls the request, or nothing."""
        return str(self.state.get("request_id", ""))


class Session(Protocol):
    """Something that stays open for a caller, for as long as it lives."""

    def ended(self) -> None:
        """It is gone; forget it."""
        ...


class SocketSession(Session, Protocol):
    """One accepted socket."""

    def context(self) -> Any:
        """Fresh surroundings for one operation."""
        ...


class Surroundings(Protocol):
    """Makes contexts: one for each request, one for each operation of a socket; and knows
    what stays open."""

    async def of_request(self, caller: Caller) -> Any:
        """The context of an HTTP request.

        Raises:
            Refused: the credential was refused; no operation runs.
        """
        ...

    def of_stream(self, context: Any, close: Close) -> Session:
        """The session of an event stream that a request with this context opened; `close` ends it from outside with a
        code, as a socket's, and a reason.
        """
        ...

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> SocketSession:
        """The session of a socket that sent `connection_init`; `close` ends it from outside with a code and a reason.

        Raises:
            Refused: the credential was refused; the socket is closed with 4403 and the message.
        """
        ...


def caller_of(scope: MutableMapping[str, Any], receive: Receive | None = None) -> Caller:
    """The caller of an ASGI scope. A request's body comes by `receive`."""
    client = scope.get("client")
    headers = headers_of(scope)
    return Caller(headers, client[0] if client else "", scope["state"], scope, Body(receive))


def headers_of(scope: MutableMapping[str, Any]) -> Mapping[bytes, bytes]:
    """A request's headers by their names; of one that came twice, the last. The scope keeps them for who asks next."""
    state = scope.setdefault("state", {})
    headers: Mapping[bytes, bytes] | None = state.get(HEADERS)
    if headers is None:
        headers = state[HEADERS] = dict(scope["headers"])
    return headers

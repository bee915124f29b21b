"""The opening handshake of a WebSocket (RFC 6455 §4.2), as uvicorn hands it over: parsed and written anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from transport.rfc6455 import accept_of

VERSION: Final = "13"
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client asks for. Names of headers are in lower case."""

    path: bytes
    query: bytes
    headers: Headers
    protocols: list[str]
    accept: str


@dataclass(frozen=True, slots=True)
class NoHandshake(Exception):
    """Why no socket can come of a request."""

    status: int
    phrase: str
    headers: tuple[str, ...] = ()


def handshake_in(request: bytes) -> Handshake:
    """The handshake in the bytes of a request.

    Raises:
        NoHandshake: another version than 13, or a key that is none.
    """
    head = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
    path, _, query = head[0].split(b" ", 2)[1].partition(b"?")
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in head[1:])]
    given = {name: value.decode("latin-1").strip() for name, value in headers}
    if given.get(b"sec-websocket-version") != VERSION:
        raise NoHandshake(426, "Upgrade Required", (f"Sec-WebSocket-Version: {VERSION}",))
    accept = accept_of(given.get(b"sec-websocket-key", ""))
    if accept is None:
        raise NoHandshake(400, "Bad Request")
    protocols = [token.strip() for token in given.get(b"sec-websocket-protocol", "").split(",")]
    return Handshake(path, query, headers, [token for token in protocols if token], accept)


def accepted(handshake: Handshake, *, protocol: str | None, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The answer after which frames follow."""
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {handshake.accept}")
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in headers]
    return "\r\n".join((*lines, "\r\n")).encode("latin-1")


def refused(refusal: NoHandshake) -> bytes:
    """An HTTP answer instead of a socket."""
    lines = [f"HTTP/1.1 {refusal.status} {refusal.phrase}", *refusal.headers, "Content-Length: 0", "Connection: close"]
    return "\r\n".join((*lines, "\r\n")).encode("latin-1")


def scope_of(
    handshake: Handshake, config: Config, transport: asyncio.Transport, *, state: object, extensions: object
) -> dict[str, Any]:
    """The ASGI scope of a socket."""
    return {
        "type": "websocket",
        "asgi": {"version": config.asgi_version, "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if is_ssl(transport) else "ws",
        "server": get_local_addr(transport),
        "client": get_remote_addr(transport),
        "root_path": config.root_path,
        "path": config.root_path + unquote(handshake.path.decode("latin-1")),
        "raw_path": handshake.path,
        "query_string": handshake.query,
        "headers": handshake.headers,
        "subprotocols": handshake.protocols,
        "state": state,
        "extensions": extensions,
    }

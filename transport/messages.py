"""graphql-transport-ws: the messages of a client checked for their form, ours built as bytes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import orjson

from transport.asking import Malformed, asked_in

PROTOCOL: Final = "graphql-transport-ws"
ACK: Final = b'{"type":"connection_ack"}'


class CloseCode:
    """Why a socket is closed, as the protocol and we say it."""

    RESTART = 1012
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_MANY_INITS = 4429


class Kind(StrEnum):
    """What a client may send."""

    INIT = "connection_init"
    PING = "ping"
    PONG = "pong"
    SUBSCRIBE = "subscribe"
    COMPLETE = "complete"


KINDS: Final = frozenset(kind.value for kind in Kind)


def message_in(text: str | None) -> dict[str, Any]:
    """One message of a client.

    Raises:
        Malformed: no message of the protocol; it says why.
    """
    if text is None:
        raise Malformed("Messages are text frames.")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed("A message is JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Malformed("A message is a JSON object with a type.")
    if message["type"] not in KINDS:
        raise Malformed("There is no such type of message.")
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Malformed("payload must be an object.")
    if message["type"] in (Kind.SUBSCRIBE, Kind.COMPLETE) and not _is_id(message.get("id")):
        raise Malformed("id must be a non-empty string.")
    if message["type"] == Kind.SUBSCRIBE:
        asked_in(payload)
    return message


def pong(payload: object) -> bytes:
    """The answer to a ping, with the ping's own payload.

    Raises:
        Malformed: what it holds is nested too deeply to be written again.
    """
    try:
        return orjson.dumps({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
    except TypeError:
        raise Malformed("payload is nested too deeply.") from None


def next_head(id: str) -> bytes:
    """What stands before the payload of an operation's `next`; a brace stands behind it."""
    return b'{"id":' + orjson.dumps(id) + b',"type":"next","payload":'


def error(id: str, errors: list[dict[str, Any]]) -> bytes:
    """An operation that did not begin."""
    return orjson.dumps({"id": id, "type": "error", "payload": errors})


def complete(id: str) -> bytes:
    """An operation that is over."""
    return orjson.dumps({"id": id, "type": "complete"})


def _is_id(id: object) -> bool:
    return isinstance(id, str) and id != ""

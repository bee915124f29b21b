"""The wire form of a live event between our processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from db.streams import Position
from domain.ids import uuid_of
from domain.plain import Plain

GAP: Final = b""
"""Stands for messages that may have been lost: listeners read the log after their last position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One event at one position of one stream. `type` is the name clients know it by."""

    event_id: UUID
    name: str
    type: str
    version: int
    at: datetime
    position: Position
    request_id: str
    body: dict[str, Plain]


def encode(envelope: Envelope) -> bytes:
    """The bytes that travel."""
    return orjson.dumps(
        {
            "id": str(envelope.event_id),
            "name": envelope.name,
            "type": envelope.type,
            "version": envelope.version,
            "at": envelope.at,
            "stream": envelope.position.stream,
            "epoch": str(envelope.position.epoch),
            "offset": envelope.position.offset,
            "requestId": envelope.request_id,
            "body": envelope.body,
        }
    )


def decode(message: bytes) -> Envelope:
    """The envelope of the bytes that `encode` made."""
    plain = orjson.loads(message)
    return Envelope(
        event_id=UUID(plain["id"]),
        name=plain["name"],
        type=plain["type"],
        version=plain["version"],
        at=datetime.fromisoformat(plain["at"]),
        position=Position(plain["stream"], uuid_of(plain["epoch"]), plain["offset"]),
        request_id=plain["requestId"],
        body=plain["body"],
    )

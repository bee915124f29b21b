"""What all subscriptions share: events with a cursor, gaps, heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import strawberry

from schema.scalars import BigInt, StreamCursor


@strawberry.interface
class DomainEvent:
    """Something that happened. Fields may be added within a schema version; the rest is a new type beside the old."""

    id: strawberry.ID
    """The event's own; the same on every channel and on every delivery."""
    type: str
    """Its name among the topics that apps listen for, such as `wallet.update`."""
    schema_version: int
    """The version of what it says."""
    occurred_at: datetime
    """When the command that caused it was given."""
    cursor: StreamCursor
    """Pass it as `after` to resume behind this event."""
    position: BigInt
    """Its number in the stream, counted without a hole; one that is not above the last was told already."""
    request_id: strawberry.ID
    """The request that caused it, as in answers, logs and the audit trail."""


class EventHead(TypedDict):
    """The fields of `DomainEvent`, to build one of its kinds with."""

    id: strawberry.ID
    type: str
    schema_version: int
    occurred_at: datetime
    cursor: StreamCursor
    position: BigInt
    request_id: strawberry.ID


class StreamPlace(TypedDict):
    """Where an item that is no event stands in its stream."""

    cursor: StreamCursor
    position: BigInt


@strawberry.type
class StreamGap:
    """Events are missing here. After an OVERFLOW the subscription ends; otherwise it goes on, with a snapshot first."""

    reason: str
    """Why: HISTORY_TRIMMED (older than the log reaches back), EPOCH_CHANGED (positions begin anew) or OVERFLOW."""
    resume_from: StreamCursor
    """Everything after it can still be heard."""
    position: BigInt
    """The number of the last event before what can still be heard."""


@strawberry.type
class StreamHeartbeat:
    """Nothing happened for a while; sent so that silence can be told from a broken connection."""

    cursor: StreamCursor
    """Everything up to here was told."""
    position: BigInt
    """The number of the stream's newest event; 0 before the first."""

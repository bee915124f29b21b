"""Instants as storage counts them, for what is shown and never calculated with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NewType

StoredInstant = NewType("StoredInstant", int)
"""Whole microseconds since the first moment of 2000, UTC; lists are full of instants that nobody needs as more."""

_ORIGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def stored_instant(at: datetime) -> StoredInstant:
    """The instant as it is counted; exact."""
    return StoredInstant((at - _ORIGIN) // _MICROSECOND)


def instant_of(stored: StoredInstant) -> datetime:
    """The instant to calculate with; exact."""
    return _ORIGIN + timedelta(microseconds=stored)


def as_instant(at: datetime | StoredInstant | None) -> datetime | None:
    """The instant to calculate with, counted or not."""
    return at if at is None or isinstance(at, datetime) else instant_of(at)


def written(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, which cuts off what is finer."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Scalars: what JSON has no exact form for travels as a string."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError

from domain.instants import StoredInstant, instant_of, written

BigInt = NewType("BigInt", int)
DecimalString = NewType("DecimalString", str)
Json = NewType("Json", object)
StreamCursor = NewType("StreamCursor", str)
_REMEMBERED_MAX: Final = 16_384
_INTEGER: Final = re.compile(r"-?\d{1,20}", re.ASCII)


def _read_big_int(value: Any) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or isinstance(value, str) and _INTEGER.fullmatch(value)):
        raise GraphQLError("BigInt is a string of digits.")
    return int(value)


def _read_decimal(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError('Decimal is a string such as "12.50"; a JSON number would lose digits.')
    return value


def _read_stream_cursor(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("StreamCursor is a string that a stream gave you.")
    return value


@lru_cache(maxsize=_REMEMBERED_MAX)
def _write_instant(value: datetime | StoredInstant) -> str:
    """Lists are full of instants, and show the same things again and again."""
    return written(value if isinstance(value, datetime) else instant_of(value))


def _read_day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("Date is an ISO 8601 day such as 2026-11-20.") from None


def _read_instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise GraphQLError("DateTime needs a zone, for example Z.")
        return instant.astimezone(UTC)
    except (TypeError, ValueError):
        raise GraphQLError("DateTime is an ISO 8601 string such as 2026-11-20T08:30:00Z.") from None
    except OverflowError:
        raise GraphQLError("DateTime lies in the years 1 to 9999 of UTC.") from None


SCALARS: Final[dict[object, Any]] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="An integer of up to 64 bits, as a string.",
        serialize=str,
        parse_value=_read_big_int,
    ),
    DecimalString: strawberry.scalar(
        name="Decimal",
        description="A decimal number as a canonical string without exponent.",
        serialize=str,
        parse_value=_read_decimal,
    ),
    Json: strawberry.scalar(
        name="JSON", description="Any JSON value.", serialize=lambda value: value, parse_value=lambda value: value
    ),
    StreamCursor: strawberry.scalar(
        name="StreamCursor",
        description="A place in a stream of events, opaque and sealed; pass it as `after` to hear what followed.",
        serialize=str,
        parse_value=_read_stream_cursor,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day, ISO 8601, such as 2026-11-20.",
        serialize=date.isoformat,
        parse_value=_read_day,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, ISO 8601 with milliseconds.",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
}

"""What is in other people's JSON, read with care."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from domain.money import Asset, Money

TEXT_LENGTH_MAX: Final = 500
MINOR_MAX: Final = 10**15
SECONDS_MAX: Final = 10**11
TIME_LENGTH_MAX: Final = 40
_DECIMAL: Final = re.compile(r"\d{1,15}(\.\d{1,10})?", re.ASCII)


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, empty where there is none."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def object_of(value: object) -> dict[str, Any]:
    """An object, empty where it is none."""
    return value if isinstance(value, dict) else {}


def text_of(value: object, *, longest: int = TEXT_LENGTH_MAX) -> str | None:
    """A short printable text, if it is one."""
    is_text = isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()
    return value if is_text and isinstance(value, str) else None


def minor_of(value: object, currency: object) -> Money | None:
    """A whole number of the smallest units of a currency of ours, in whatever letters it is written."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MINOR_MAX:
        return None
    if not isinstance(currency, str) or currency.upper() not in CURRENCIES:
        return None
    return Money(value, Asset[currency.upper()])


def decimal_money(amount: object, currency: object) -> Money | None:
    """A decimal number of a currency of ours, written as text; exactly, or none."""
    if not isinstance(amount, str) or not isinstance(currency, str) or currency not in CURRENCIES:
        return None
    if not _DECIMAL.fullmatch(amount):
        return None
    whole, _, part = amount.partition(".")
    asset = Asset[currency]
    if len(part) > asset.scale and part[asset.scale :].strip("0"):
        return None
    minor = int(whole + part[: asset.scale].ljust(asset.scale, "0"))
    return Money(minor, asset) if minor <= MINOR_MAX else None


def time_of(text: object) -> datetime | None:
    """An instant as RFC 3339 writes it, in UTC."""
    if not isinstance(text, str) or len(text) > TIME_LENGTH_MAX:
        return None
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day there are may have none in UTC
        return None


def instant_of(value: object) -> datetime | None:
    """Unix seconds as an instant."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SECONDS_MAX:
        return None
    return datetime.fromtimestamp(value, UTC)


CURRENCIES: Final = frozenset({"KES", "INR", "USD", "EUR"})

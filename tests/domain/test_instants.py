"""Instants as storage counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.instants import instant_of, stored_instant, written

MOMENTS = [
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 11, 20, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=3))),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


@pytest.mark.parametrize("at", MOMENTS)
def test_an_instant_is_the_same_after_it_was_counted(at: datetime) -> None:
    assert instant_of(stored_instant(at)) == at


def test_what_is_written_is_utc_and_cut_off_at_milliseconds() -> None:
    assert written(MOMENTS[2]) == "2026-11-20T09:00:00.123Z"

"""A PIN that many people would choose is refused, and guessing is slow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import InvalidInput
from domain.identity.counted_tries import LOCK
from domain.identity.errors import PinLocked, PinWrong
from domain.identity.pin import Pin, require_good_pin
from domain.ids import UserId

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def pin() -> Pin:
    return Pin(user_id=UserId(UUID(int=1)), hash="kept", set_at=NOON)


@pytest.mark.parametrize("digits", ["135790", "112233", "482913", "123455", "000001", "121213", "123124"])
def test_a_good_pin_is_taken(digits: str) -> None:
    require_good_pin(digits, path=("pin",))


@pytest.mark.parametrize(
    "digits", ["123456", "987654", "012345", "543210", "890123", "210987", "111111", "000000", "121212", "123123"]
)
def test_sequences_and_repeats_are_refused(digits: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_good_pin(digits, path=("newPin",))

    assert [fault.path for fault in refused.value.faults] == [("newPin",)]
    assert digits not in str(refused.value)


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12a456", " 13579", "１３５７９０", "135790\n"])
def test_only_six_digits_are_a_pin(digits: str) -> None:
    with pytest.raises(InvalidInput, match="six digits"):
        require_good_pin(digits, path=("pin",))


def test_the_fifth_failure_locks_for_fifteen_minutes() -> None:
    known = pin()

    refusals = [known.note_failure(at=NOON) for _ in range(5)]

    assert [refusal.attempts_left for refusal in refusals if isinstance(refusal, PinWrong)] == [4, 3, 2, 1]
    assert isinstance(refusals[4], PinLocked)
    assert refusals[4].retry_after_seconds == 15 * 60
    assert known.lock_at(NOON + LOCK - timedelta(seconds=1)) is not None
    assert known.lock_at(NOON + LOCK) is None


def test_after_the_lock_the_count_begins_anew() -> None:
    known = pin()
    for _ in range(5):
        known.note_failure(at=NOON)

    after = known.note_failure(at=NOON + LOCK)

    assert isinstance(after, PinWrong)
    assert after.attempts_left == 4


def test_a_success_forgets_the_failures() -> None:
    known = pin()
    for _ in range(4):
        known.note_failure(at=NOON)

    known.note_success()

    assert known.failures == 0
    assert isinstance(known.note_failure(at=NOON), PinWrong)

"""Six digits, five tries, five minutes, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.identity.errors import PasscodeExhausted, PasscodeExpired, PasscodeWrong
from domain.identity.passcode import PASSCODE_LIFETIME, Passcode, PasscodePurpose, network_of
from domain.ids import PasscodeId, new_id

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def passcode() -> Passcode:
    return Passcode(
        id=PasscodeId(new_id()),
        purpose=PasscodePurpose.SIGN_IN,
        address_digest=b"address",
        network="203.0.113.9",
        code_digest=b"code",
        issued_at=NOON,
        expires_at=NOON + PASSCODE_LIFETIME,
    )


def test_the_right_digits_open_once() -> None:
    sent = passcode()

    assert sent.try_out(is_right=True, at=NOON) is None
    assert isinstance(sent.try_out(is_right=True, at=NOON), PasscodeExpired)


def test_wrong_digits_are_counted_down() -> None:
    sent = passcode()

    refusals = [sent.try_out(is_right=False, at=NOON) for _ in range(5)]

    assert [refusal.attempts_left for refusal in refusals if isinstance(refusal, PasscodeWrong)] == [4, 3, 2, 1, 0]


def test_after_five_wrong_tries_even_the_right_digits_come_too_late() -> None:
    sent = passcode()
    for _ in range(5):
        sent.try_out(is_right=False, at=NOON)

    assert isinstance(sent.try_out(is_right=True, at=NOON), PasscodeExhausted)
    assert sent.tries == 5
    assert sent.used_at is None


def test_the_fifth_try_may_be_the_right_one() -> None:
    sent = passcode()
    for _ in range(4):
        sent.try_out(is_right=False, at=NOON)

    assert sent.try_out(is_right=True, at=NOON) is None


def test_it_is_over_after_five_minutes_to_the_second() -> None:
    assert passcode().try_out(is_right=True, at=NOON + timedelta(minutes=4, seconds=59)) is None
    late = passcode()
    assert isinstance(late.try_out(is_right=True, at=NOON + timedelta(minutes=5)), PasscodeExpired)
    assert late.tries == 0


def test_one_that_gave_way_opens_nothing() -> None:
    sent = passcode()

    sent.give_way(NOON)

    assert isinstance(sent.try_out(is_right=True, at=NOON), PasscodeExpired)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_a_sender_is_an_ipv4_address_or_an_ipv6_network(address: str, network: str) -> None:
    assert network_of(address) == network

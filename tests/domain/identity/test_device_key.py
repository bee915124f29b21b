"""A challenge is answered once, in time, and means nothing elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.identity.device_key import CHALLENGE_LIFETIME, DeviceKey, signed_text
from domain.ids import DeviceKeyId, IdKind, UserId, encode_id

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY_ID = DeviceKeyId(UUID(int=7))


def key() -> DeviceKey:
    return DeviceKey(
        id=KEY_ID,
        user_id=UserId(UUID(int=1)),
        device_digest=b"device",
        device_name="phone",
        public_key=b"key",
        enrolled_at=NOON,
    )


def test_a_challenge_is_taken_once() -> None:
    asked = key()
    asked.ask("words", at=NOON)

    assert asked.take_challenge(at=NOON) == "words"
    assert asked.take_challenge(at=NOON) is None


def test_a_challenge_waits_two_minutes() -> None:
    asked = key()
    asked.ask("words", at=NOON)
    assert asked.take_challenge(at=NOON + CHALLENGE_LIFETIME - timedelta(seconds=1)) == "words"

    asked.ask("words", at=NOON)
    assert asked.take_challenge(at=NOON + CHALLENGE_LIFETIME) is None


def test_a_newer_challenge_takes_the_place_of_the_one_before() -> None:
    asked = key()
    asked.ask("old", at=NOON)
    asked.ask("new", at=NOON)

    assert asked.take_challenge(at=NOON) == "new"


def test_what_is_signed_names_its_purpose_and_its_key() -> None:
    public_id = encode_id(IdKind.DEVICE_KEY, KEY_ID)

    assert signed_text(KEY_ID, "words") == f"sokoni device sign-in v1\n{public_id}\nwords".encode()

"""A key that never leaves a device and signs in from it, behind the device's own fingerprint or face check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.ids import DeviceKeyId, IdKind, UserId, encode_id

CHALLENGE_LIFETIME: Final = timedelta(minutes=2)


@dataclass(eq=False, kw_only=True)
class DeviceKey:
    """A person's public key on one device. At most one challenge waits for its signature."""

    id: DeviceKeyId
    user_id: UserId
    device_digest: bytes
    device_name: str
    public_key: bytes
    enrolled_at: datetime
    challenge: str | None = None
    challenge_expires_at: datetime | None = None

    def ask(self, challenge: str, *, at: datetime) -> None:
        """Wait for a signature of this challenge; one that waited before is forgotten."""
        self.challenge, self.challenge_expires_at = challenge, at + CHALLENGE_LIFETIME

    def take_challenge(self, *, at: datetime) -> str | None:
        """The waiting challenge, which is used up by this whatever comes of it; None when its time is over."""
        challenge, expires_at = self.challenge, self.challenge_expires_at
        self.challenge = self.challenge_expires_at = None
        return challenge if expires_at is not None and at < expires_at else None


def signed_text(key_id: DeviceKeyId, challenge: str) -> bytes:
    """What the device signs. The first words keep the signature from meaning anything elsewhere."""
    return f"sokoni device sign-in v1\n{encode_id(IdKind.DEVICE_KEY, key_id)}\n{challenge}".encode()

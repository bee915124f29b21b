"""What is sent and answered on the way in and out."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.identity.passcode import PasscodePurpose
from domain.identity.session import Device, DevicePlatform
from schema.errors import Payload
from schema.identity import Session, User

strawberry.enum(PasscodePurpose, description="What a passcode opens.")


@strawberry.input
class DeviceInput:
    """The device at hand; its sessions' tokens work on no other."""

    id: str
    """A fingerprint that the app keeps for this device, 8 to 200 characters; send the same one when refreshing."""
    name: str = "Unnamed device"
    """How the person knows it, at most 80 characters."""
    platform: DevicePlatform = DevicePlatform.OTHER
    """What it is."""

    def parse(self) -> Device:
        """The device of the domain.

        Raises:
            InvalidInput: the fingerprint or the name is too short or too long.
        """
        return Device.checked(fingerprint=self.id, name=self.name, platform=self.platform)


@strawberry.input
class OtpSendInput:
    """Where a passcode goes."""

    address: str
    """A phone number (SMS) or an e-mail address."""
    purpose: PasscodePurpose = PasscodePurpose.SIGN_IN
    """What it shall open."""


@strawberry.type
class OtpSendPayload(Payload):
    """A passcode is on its way; the answer is the same whether anybody is known under the address."""

    expires_at: datetime | None = None
    """Until when it can be used: five minutes."""


@strawberry.input
class OtpVerifyInput:
    """The passcode as it arrived."""

    address: str
    """Where it was sent."""
    code: str
    """Six digits; five tries."""
    device: DeviceInput
    """Where the person signs in."""


@strawberry.type
class SignInPayload(Payload):
    """A session began or goes on."""

    access_token: str | None = None
    """A JWT (ES256), sent as `Authorization: Bearer …`."""
    access_token_expires_at: datetime | None = None
    """15 minutes after it was made."""
    refresh_token: str | None = None
    """Exchange it once, by sessionRefresh, for the next pair. Kept by us as a digest only."""
    refresh_token_expires_at: datetime | None = None
    """7 days after it was made."""
    user: User | None = None
    """Who signed in."""
    session: Session | None = None
    """The session."""
    is_new_user: bool = False
    """Whether the person came for the first time."""


@strawberry.type
class OtpVerifyPayload(SignInPayload):
    """The person is in."""


@strawberry.type
class SessionRefreshPayload(SignInPayload):
    """The session goes on with new tokens."""


@strawberry.type
class DeviceKeyVerifyPayload(SignInPayload):
    """The person is in."""


@strawberry.input
class SessionRefreshInput:
    """The refresh token to exchange."""

    refresh_token: str
    """The newest one of the session; one used before ends the session."""
    device_id: str
    """The fingerprint given at sign-in."""


@strawberry.input
class ConnectionReauthenticateInput:
    """A newer token for the socket that this comes by."""

    token: str
    """An access token of the same person, as a refresh gives it."""


@strawberry.type
class ConnectionReauthenticatePayload(Payload):
    """The socket goes on; what you listen to goes on without a replay."""

    expires_at: datetime | None = None
    """When the socket closes unless another token comes before; null when it was refused."""


@strawberry.input
class SessionRevokeInput:
    """Which session ends."""

    session_id: strawberry.ID
    """One of your own, this one too."""


@strawberry.type
class SessionRevokePayload(Payload):
    """The session ended, on every device and socket at once."""

    session: Session | None = None
    """As it ended."""


@strawberry.type
class SessionRevokeAllPayload(Payload):
    """All sessions ended."""

    sessions: list[Session] | None = None
    """As they ended; this one is among them."""


@strawberry.input
class DeviceKeyEnrollInput:
    """A key that never leaves the device."""

    public_key: str
    """P-256, as PEM or JWK."""


@strawberry.type
class DeviceKeyEnrollPayload(Payload):
    """The device of this session may sign in with its key from now on."""

    key_id: strawberry.ID | None = None
    """Names the key at sign-in."""


@strawberry.input
class DeviceKeyChallengeInput:
    """Which key shall sign."""

    key_id: strawberry.ID
    """From deviceKeyEnroll."""


@strawberry.type
class DeviceKeyChallengePayload(Payload):
    """What the device has to sign: `sokoni device sign-in v1`, the key's id and the challenge, each on a line."""

    challenge: str | None = None
    """Used up by one attempt."""
    expires_at: datetime | None = None
    """Two minutes from now."""


@strawberry.input
class DeviceKeyVerifyInput:
    """The signed challenge."""

    key_id: strawberry.ID
    """Which key signed."""
    signature: str
    """ECDSA with SHA-256, base64 of the DER or the 64-byte form."""
    device: DeviceInput
    """The device that the key was enrolled on."""

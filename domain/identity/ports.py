"""What people's use cases ask of their storage and of those who sign, hash and send."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.identity.access import AccessClaims
from domain.identity.address import Address
from domain.identity.api_key import ApiKey
from domain.identity.device_key import DeviceKey
from domain.identity.message import ClaimedMessage, Letter, OutgoingMessage
from domain.identity.passcode import Passcode, PasscodePurpose
from domain.identity.pin import Pin
from domain.identity.session import RefreshToken, Session
from domain.identity.signing_key import SigningKey
from domain.identity.totp import Totp
from domain.identity.user import User
from domain.ids import ApiKeyId, DeviceKeyId, SessionId, UserId


class Users(Protocol):
    """People, loaded for change. A person's row is locked before what is theirs."""

    async def get(self, user_id: UserId) -> User:
        """The person, not locked.

        Raises:
            UserNotFound: there is none.
        """
        ...

    async def get_for_update(self, user_id: UserId) -> User:
        """The person, the row locked.

        Raises:
            UserNotFound: there is none.
        """
        ...

    async def find_for_update(self, address: Address) -> User | None:
        """Whom the address belongs to, the row locked."""
        ...

    async def lock_admins(self) -> tuple[User, ...]:
        """Everybody who is an administrator, blocked or not, all locked in one order.

        Ask before locking any other person, so that two who take each other's role away do not wait for each other.
        """
        ...

    async def add(self, user: User) -> None:
        """Keep somebody new."""
        ...


class Sessions(Protocol):
    """Sessions and the chains of their refresh tokens."""

    async def get_for_update(self, session_id: SessionId) -> Session:
        """The session, the row locked; ended ones too.

        Raises:
            SessionNotFound: there is none.
        """
        ...

    async def live_of(self, user_id: UserId, *, at: datetime) -> list[Session]:
        """The person's sessions that have neither ended nor expired, locked, the least recently seen first."""
        ...

    async def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    async def find_token(self, digest: bytes) -> RefreshToken | None:
        """A refresh token as it is now; its session's lock guards it."""
        ...

    async def add_token(self, token: RefreshToken) -> None:
        """Keep a new link of a session's chain; links whose own time is over are forgotten with it."""
        ...


class Passcodes(Protocol):
    """Codes as they were sent."""

    async def latest_sends(
        self, *, address_digest: bytes, network: str, since: datetime, limit: int
    ) -> tuple[list[datetime], list[datetime]]:
        """When the newest codes after `since` were issued to this address, and to this network; newest first.

        Other sends to the address or from the network wait from here until this command ends. An empty network is
        nobody's: it counts nothing.
        """
        ...

    async def find_newest(self, address_digest: bytes, purpose: PasscodePurpose) -> Passcode | None:
        """The code that the person would type, the row locked."""
        ...

    async def add(self, passcode: Passcode) -> None:
        """Keep a new code."""
        ...


class Pins(Protocol):
    """People's PINs."""

    async def find_for_update(self, user_id: UserId) -> Pin | None:
        """The person's PIN, the row locked."""
        ...

    async def add(self, pin: Pin) -> None:
        """Keep a first PIN."""
        ...


class Totps(Protocol):
    """People's authenticators."""

    async def find_for_update(self, user_id: UserId) -> Totp | None:
        """The person's authenticator, the row locked."""
        ...

    async def add(self, totp: Totp) -> None:
        """Keep a first one."""
        ...

    async def remove(self, totp: Totp) -> None:
        """Forget one."""
        ...


class DeviceKeys(Protocol):
    """Keys that devices hold; at most one of a person on a device."""

    async def find(self, key_id: DeviceKeyId) -> DeviceKey | None:
        """The key, not locked."""
        ...

    async def find_for_update(self, key_id: DeviceKeyId) -> DeviceKey | None:
        """The key as it is now, the row locked."""
        ...

    async def of_person(self, user_id: UserId) -> list[DeviceKey]:
        """The person's keys, locked."""
        ...

    async def add(self, key: DeviceKey) -> None:
        """Keep a new key."""
        ...

    async def remove(self, key: DeviceKey) -> None:
        """Forget a key: its device signs in with a passcode again."""
        ...


class ApiKeys(Protocol):
    """Keys by which programs act for people. Their owner's row is locked before one is added."""

    async def get_for_update(self, key_id: ApiKeyId) -> ApiKey:
        """The key, the row locked; revoked ones too.

        Raises:
            ApiKeyNotFound: there is none.
        """
        ...

    async def live_count(self, owner_id: UserId) -> int:
        """How many keys of this person are not revoked."""
        ...

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        ...


class OutgoingMessages(Protocol):
    """Messages that wait to be sent: a row is claimed, worked outside of any transaction, and its outcome kept."""

    async def add(self, message: OutgoingMessage) -> None:
        """Keep a message; it is due at once."""
        ...

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[ClaimedMessage]:
        """Messages that are due, ours until the lease ends. Counts the attempt, so a crash is one.

        What nobody wants any more is laid aside instead, and so is what used up its attempts.
        """
        ...

    async def note_sent(self, message: ClaimedMessage) -> None:
        """The vendor took it; its text is forgotten. Nothing happens when somebody else holds the claim by now."""
        ...

    async def note_failed(self, message: ClaimedMessage) -> None:
        """Try again later, each time twice as late, or lay it aside after the last attempt."""
        ...


class SigningKeys(Protocol):
    """The keys of access tokens."""

    async def find_signing(self) -> SigningKey | None:
        """The key that signs now; others who would change it wait until this command ends."""
        ...

    async def add(self, key: SigningKey) -> None:
        """Keep a new key."""
        ...


class TokenIssuer(Protocol):
    """Signs access tokens."""

    async def issue(self, claims: AccessClaims) -> str:
        """The token that says this."""
        ...


class TokenVerifier(Protocol):
    """Reads access tokens."""

    async def verify(self, token: str) -> AccessClaims:
        """What the token says, once its signature, issuer, time and form are checked.

        Raises:
            AccessTokenInvalid: not a token of ours, or damaged.
            AccessTokenExpired: its time is over.
        """
        ...


class PinHasher(Protocol):
    """Hashes slowly, away from the event loop."""

    async def hashed(self, pin: str, *, user_id: UserId) -> str:
        """What is kept of a PIN."""
        ...

    async def is_right(self, pin: str, *, user_id: UserId, hashed: str) -> bool:
        """Whether this is the PIN that was hashed for this person."""
        ...


class OneTimeCodes(Protocol):
    """Codes of an authenticator: six digits for each half a minute (RFC 6238, SHA-1, as the apps know them)."""

    def new_secret(self) -> str:
        """160 random bits in base 32."""
        ...

    def uri(self, secret: str, *, account: str) -> str:
        """What an app reads from a picture."""
        ...

    def step_of(self, secret: str, code: str, *, at: datetime) -> int | None:
        """The half minute that the code is of: the present one, or one beside it; None when it is of none."""
        ...


class DeviceSignatures(Protocol):
    """Reads and uses devices' public keys: ECDSA on the curve P-256 with SHA-256."""

    def read_public_key(self, text: str) -> bytes | None:
        """The key in a PEM block or a JWK, in the one form it is kept in (SPKI); None for anything else."""
        ...

    def is_signed(self, text: bytes, *, signature: str, public_key: bytes) -> bool:
        """Whether the key signed the text; `signature` is base64 of the DER or the 64-byte form."""
        ...


class Messenger(Protocol):
    """Sends messages over one or several vendors. Waits on a network: never asked inside a transaction."""

    async def send(self, letter: Letter) -> None:
        """Hand over one message; the same id twice is one message where the vendor knows how.

        Raises:
            MessengerUnavailable: the vendor did not take it within 10 s.
        """
        ...

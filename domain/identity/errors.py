"""Why somebody is not let in, or a person stays as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from domain.errors import AuthenticationRefused, Conflict, NotFound


class PasscodeWrong(AuthenticationRefused):
    """The digits are others; the try is counted."""

    reason = "OTP_WRONG"

    def __init__(self, *, tries_left: int) -> None:
        self.attempts_left = tries_left
        super().__init__("This code is wrong.")


class PasscodeExpired(AuthenticationRefused):
    """No code of this address is waiting: none was sent, it is too old, used, or another one took its place."""

    reason = "OTP_EXPIRED"

    def __init__(self) -> None:
        super().__init__("This code is not valid any more; ask for a new one.")


class PasscodeExhausted(AuthenticationRefused):
    """Too many wrong tries; even the right digits come too late."""

    reason = "OTP_EXHAUSTED"

    def __init__(self) -> None:
        super().__init__("There were too many wrong tries; ask for a new code.")


class UserIsBlocked(AuthenticationRefused):
    """The person showed who they are, and may not come in."""

    reason = "USER_BLOCKED"

    def __init__(self, *, because: str, until: datetime | None) -> None:
        self.blocked_until = until
        span = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        super().__init__(f"This account is blocked{span}: {because}")


class AccessTokenInvalid(AuthenticationRefused):
    """Not a token of ours, or damaged."""

    reason = "TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("This access token is not valid.")


class AccessTokenExpired(AuthenticationRefused):
    """Its time is over; a refresh brings a new one."""

    reason = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("This access token has expired.")


class AccessEnded(AuthenticationRefused):
    """The session or the person's access is over, whatever the token says of its time."""

    reason = "ACCESS_ENDED"

    def __init__(self) -> None:
        super().__init__("This access has ended; refresh the session or sign in again.")


class TokenOfAnother(AuthenticationRefused):
    """A connection stays the person's who opened it."""

    reason = "TOKEN_OF_ANOTHER"

    def __init__(self) -> None:
        super().__init__("This token is not of the person who opened the connection.")


class NoConnection(Conflict):
    """What was asked is about the socket that it comes by, and it came by none, or by one that nobody signed in to."""

    reason = "NO_CONNECTION"

    def __init__(self) -> None:
        super().__init__("Only a socket that you signed in to can be reauthenticated.")


class RefreshTokenInvalid(AuthenticationRefused):
    """No such token, or one so old that it was forgotten."""

    reason = "REFRESH_TOKEN_INVALID"

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid; sign in again.")


class RefreshTokenSuperseded(AuthenticationRefused):
    """It was exchanged a moment ago, most likely by the same client; the session goes on with the newer one."""

    reason = "REFRESH_TOKEN_SUPERSEDED"

    def __init__(self) -> None:
        super().__init__("This refresh token was exchanged a moment ago; use the newer one.")


class RefreshTokenReused(AuthenticationRefused):
    """It was exchanged before: two parties hold it, so the session ended."""

    reason = "REFRESH_TOKEN_REUSED"

    def __init__(self) -> None:
        super().__init__("This refresh token was used before; the session has ended.")


class DeviceMismatch(AuthenticationRefused):
    """The token belongs to another device: it was taken, so the session ended."""

    reason = "DEVICE_MISMATCH"

    def __init__(self) -> None:
        super().__init__("This session belongs to another device and has ended.")


class SessionIsOver(AuthenticationRefused):
    """Signed out, revoked, replaced or expired."""

    reason = "SESSION_ENDED"

    def __init__(self) -> None:
        super().__init__("This session has ended; sign in again.")


class PinWrong(AuthenticationRefused):
    """The failure is counted."""

    reason = "PIN_WRONG"

    def __init__(self, *, tries_left: int) -> None:
        self.attempts_left = tries_left
        super().__init__("This PIN is wrong.")


class PinLocked(AuthenticationRefused):
    """Too many failures; even the right PIN has to wait."""

    reason = "PIN_LOCKED"

    def __init__(self, *, wait: timedelta) -> None:
        self.retry_after_seconds = max(1, ceil(wait.total_seconds()))
        super().__init__("The PIN is locked after too many wrong tries; try again later.")


class TotpWrong(AuthenticationRefused):
    """The failure is counted."""

    reason = "TOTP_WRONG"

    def __init__(self, *, tries_left: int) -> None:
        self.attempts_left = tries_left
        super().__init__("This code is wrong, or was used before.")


class TotpLocked(AuthenticationRefused):
    """Too many failures; even the right code has to wait."""

    reason = "TOTP_LOCKED"

    def __init__(self, *, wait: timedelta) -> None:
        self.retry_after_seconds = max(1, ceil(wait.total_seconds()))
        super().__init__("Codes are locked after too many wrong tries; try again later.")


class TotpAlreadyOn(Conflict):
    """It is switched off before another authenticator takes its place."""

    reason = "TOTP_ALREADY_ON"

    def __init__(self) -> None:
        super().__init__("An authenticator is in use already.")


class TotpNotOn(Conflict):
    """There is no authenticator to ask."""

    reason = "TOTP_NOT_ON"

    def __init__(self) -> None:
        super().__init__("No authenticator is in use.")


class DeviceSignatureInvalid(AuthenticationRefused):
    """No challenge of this key is waiting, or the device did not sign it."""

    reason = "DEVICE_SIGNATURE_INVALID"

    def __init__(self) -> None:
        super().__init__("This signature does not answer the challenge; ask for a new one.")


class UserNotFound(NotFound):
    """No such person for this caller."""

    def __init__(self) -> None:
        super().__init__("user")


class SessionNotFound(NotFound):
    """No such session of this person."""

    def __init__(self) -> None:
        super().__init__("session")


class UserAlreadyBlocked(Conflict):
    """Somebody was faster."""

    reason = "USER_ALREADY_BLOCKED"

    def __init__(self) -> None:
        super().__init__("This person is blocked already.")


class UserNotBlocked(Conflict):
    """Unblocked before, or the block ended by itself."""

    reason = "USER_NOT_BLOCKED"

    def __init__(self) -> None:
        super().__init__("This person is not blocked.")


class OwnAccount(Conflict):
    """Nobody decides about themselves."""

    reason = "OWN_ACCOUNT"

    def __init__(self) -> None:
        super().__init__("You cannot do this to your own account.")


class AdminProtected(Conflict):
    """Only an administrator blocks an administrator."""

    reason = "ADMIN_PROTECTED"

    def __init__(self) -> None:
        super().__init__("Only an administrator may block an administrator.")


class LastAdmin(Conflict):
    """Nobody would be left to grant roles."""

    reason = "LAST_ADMIN"

    def __init__(self) -> None:
        super().__init__("This is the last administrator who can act.")


class RoleAlreadyHeld(Conflict):
    """Granted before."""

    reason = "ROLE_ALREADY_HELD"

    def __init__(self) -> None:
        super().__init__("This person has the role already.")


class RoleNotHeld(Conflict):
    """There is nothing to take away."""

    reason = "ROLE_NOT_HELD"

    def __init__(self) -> None:
        super().__init__("This person does not have the role.")


class RoleStays(Conflict):
    """Everybody is a customer."""

    reason = "ROLE_STAYS"

    def __init__(self) -> None:
        super().__init__("Everybody is a customer; this role is never taken away.")


class PinAlreadySet(Conflict):
    """The present PIN is needed to change it."""

    reason = "PIN_ALREADY_SET"

    def __init__(self) -> None:
        super().__init__("A PIN is set already; change it with the present one.")


class PinNotSet(Conflict):
    """There is nothing to compare with."""

    reason = "PIN_NOT_SET"

    def __init__(self) -> None:
        super().__init__("No PIN is set yet.")

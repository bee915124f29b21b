"""Authenticators as the API shows and takes them."""

from __future__ import annotations

import strawberry

from schema.errors import Payload
from schema.identity import Session


@strawberry.type
class TotpSetUpPayload(Payload):
    """What an authenticator is told, this once. It counts once totpConfirm has shown a code of it."""

    secret: str | None = None
    """In base 32, to be typed."""
    uri: str | None = None
    """The same as an otpauth:// address, to be drawn as a QR code."""


@strawberry.input
class TotpConfirmInput:
    """A first code."""

    code: str
    """Six digits, as the authenticator shows them now."""


@strawberry.type
class TotpConfirmPayload(Payload):
    """The authenticator is asked from now on."""

    recovery_codes: list[str] | None = None
    """Ten codes for paper, each good once in place of the authenticator's; shown this once."""


@strawberry.input
class TotpVerifyInput:
    """A code as a second factor."""

    code: str
    """Six digits that the authenticator shows now, or a recovery code. Each is good once."""


@strawberry.type
class TotpVerifyPayload(Payload):
    """The session remembers that a code was shown."""

    session: Session | None = None
    """Null when it was refused."""


@strawberry.input
class TotpDisableInput:
    """A last code."""

    code: str
    """Six digits that the authenticator shows now, or a recovery code."""


@strawberry.type
class TotpDisablePayload(Payload):
    """The authenticator is asked no more."""

    is_off: bool = False
    """Whether it is off."""

"""Six digits that show that somebody reads the messages of an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from domain.errors import AuthenticationRefused
from domain.identity.errors import PasscodeExhausted, PasscodeExpired, PasscodeWrong
from domain.ids import PasscodeId

PASSCODE_DIGITS: Final = 6
PASSCODE_LIFETIME: Final = timedelta(minutes=5)
PASSCODE_TRIES_MAX: Final = 5


class PasscodePurpose(StrEnum):
    """What the digits open; those for one thing do not open another."""

    SIGN_IN = "SIGN_IN"
    """A session."""
    PIN_RESET = "PIN_RESET"
    """A new PIN."""


@dataclass(eq=False, kw_only=True)
class Passcode:
    """One code as it was sent: neither its digits nor its address can be read back from it."""

    id: PasscodeId
    purpose: PasscodePurpose
    address_digest: bytes
    network: str
    code_digest: bytes
    issued_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    def try_out(self, *, is_right: bool, at: datetime) -> AuthenticationRefused | None:
        """Count a try and say why it is refused, or None when it is accepted, which works once."""
        if self.used_at is not None or at >= self.expires_at:
            return PasscodeExpired()
        if self.tries >= PASSCODE_TRIES_MAX:
            return PasscodeExhausted()
        self.tries += 1
        if not is_right:
            return PasscodeWrong(tries_left=PASSCODE_TRIES_MAX - self.tries)
        self.used_at = at
        return None

    def give_way(self, at: datetime) -> None:
        """A newer code takes its place."""
        self.expires_at = min(self.expires_at, at)


def network_of(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 that an IPv6 customer has to themselves."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))

"""A key by which a program acts in its owner's name: who it is shown by a signature, never by a password."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.identity.api_key_errors import ApiKeyAlreadyRevoked
from domain.identity.events import ApiKeyRevoked
from domain.identity.roles import Role
from domain.ids import ApiKeyId, UserId

LABEL_MAX: Final = 80
NETWORKS_MAX: Final = 20
API_KEYS_MAX: Final = 20
ACTING_ROLES: Final = frozenset({Role.CUSTOMER, Role.MERCHANT, Role.WORKER})
"""What of its owner's roles a key acts with: what staff may do is for people, who can be asked."""


class ApiKeyKind(StrEnum):
    """What a key is for."""

    MERCHANT = "MERCHANT"
    """A business' own servers; runs registered operations and nothing else."""
    DEVELOPER = "DEVELOPER"
    """Somebody who builds against the API; may send documents of their own and register operations."""


@dataclass(frozen=True, slots=True)
class ActingKey:
    """The key that an actor acts by."""

    id: ApiKeyId
    kind: ApiKeyKind


@dataclass(eq=False, kw_only=True)
class ApiKey:
    """A key of a person. The secret is kept sealed, for a signature is checked by making it again.

    `networks` are the addresses it may be used from, in CIDR notation; none means from anywhere.
    """

    id: ApiKeyId
    owner_id: UserId
    kind: ApiKeyKind
    label: str
    networks: tuple[str, ...]
    sealed_secret: bytes
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def revoke(self, *, at: datetime) -> ApiKeyRevoked:
        """Make it worthless, for good.

        Raises:
            ApiKeyAlreadyRevoked: it is so already.
        """
        if self.revoked_at is not None:
            raise ApiKeyAlreadyRevoked
        self.revoked_at = at
        return ApiKeyRevoked(api_key_id=self.id, owner_id=self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyFilter:
    """Which keys: all that is given must agree."""

    owner_id: UserId | None = None
    kind: ApiKeyKind | None = None
    is_revoked: bool | None = None


def checked_networks(networks: Sequence[str], *, path: tuple[str, ...]) -> tuple[str, ...]:
    """Networks in the one spelling they are kept in, each once; a single address is a network of one.

    Raises:
        InvalidInput: too many, or one of them is no network, such as one with bits set behind its prefix.
    """
    if len(networks) > NETWORKS_MAX:
        raise InvalidInput(FieldFault(path, f"must be at most {NETWORKS_MAX}"))
    try:
        return tuple(dict.fromkeys(str(ipaddress.ip_network(network.strip())) for network in networks))
    except ValueError:
        raise InvalidInput(FieldFault(path, "must be networks such as 203.0.113.0/24 or 2001:db8::/48")) from None


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of these networks; no networks are all. What is no address lies in none."""
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    # An IPv4 caller of a socket that speaks both arrives as ::ffff:203.0.113.7.
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((inner or found) in ipaddress.ip_network(network) for network in networks)


def secret_label(key_id: ApiKeyId) -> str:
    """What a key's secret is sealed about: in another key's row it does not open."""
    return f"api key secret {key_id}"

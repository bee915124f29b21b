"""What each role may do. A role is a name for a set of permissions and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """One thing that not everybody may do, as `subject:verb`."""

    LISTING_MODERATE = "listing:moderate"
    CATEGORY_CURATE = "category:curate"
    USER_READ = "user:read"
    USER_BLOCK = "user:block"
    ROLE_GRANT = "role:grant"
    PII_REVEAL = "pii:reveal"
    LEDGER_READ = "ledger:read"
    LEDGER_ADJUST = "ledger:adjust"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    AUDIT_READ = "audit:read"


class Role(StrEnum):
    """What a person is to the market. Everybody is a customer."""

    CUSTOMER = "CUSTOMER"
    MERCHANT = "MERCHANT"
    WORKER = "WORKER"
    MODERATOR = "MODERATOR"
    FINANCE = "FINANCE"
    SUPPORT = "SUPPORT"
    ADMIN = "ADMIN"


GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.CUSTOMER: frozenset(),
        Role.MERCHANT: frozenset(),
        Role.WORKER: frozenset(),
        Role.MODERATOR: frozenset({Permission.LISTING_MODERATE, Permission.USER_READ}),
        Role.FINANCE: frozenset({Permission.LEDGER_READ, Permission.LEDGER_ADJUST, Permission.USER_READ}),
        Role.SUPPORT: frozenset({Permission.USER_READ, Permission.USER_BLOCK, Permission.PII_REVEAL}),
        Role.ADMIN: frozenset(Permission) - {Permission.LEDGER_ADJUST},
    }
)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that these roles may do together."""
    return frozenset(permission for role in roles for permission in GRANTS[role])

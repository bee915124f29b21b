"""What each role may do. A role is a name for a set of permissions and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """One thing that not everybody may do, as `subject:verb`."""

    LISTING_MODERATE = "listing:moderate"
    """Decide about listings."""
    CATEGORY_CURATE = "category:curate"
    """Tend the tree of categories."""
    USER_READ = "user:read"
    """Look people up."""
    USER_BLOCK = "user:block"
    """Shut people out and let them in again."""
    ROLE_GRANT = "role:grant"
    """Give and take roles."""
    PII_REVEAL = "pii:reveal"
    """See personal data in the clear, for a reason."""
    LEDGER_READ = "ledger:read"
    """Read the books."""
    LEDGER_ADJUST = "ledger:adjust"
    """Correct wallets by hand."""
    RATE_SET = "rate:set"
    """Say what assets are worth."""
    PAYOUT_REVIEW = "payout:review"
    """Decide about payouts, and say what became of them."""
    REFUND_CREATE = "refund:create"
    """Give customers their money back, in part or whole."""
    KYC_REVIEW = "kyc:review"
    """Say how well the market knows a person."""
    MERCHANT_VERIFY = "merchant:verify"
    """Let businesses in, and shut them out."""
    PAYMENT_VERIFY = "payment:verify"
    """Say that a bank transfer arrived, or did not."""
    SETTINGS_READ = "settings:read"
    """Read settings that are not public."""
    SETTINGS_WRITE = "settings:write"
    """Change settings and feature flags."""
    API_KEY_MANAGE = "api_key:manage"
    """Make API keys for people, see and revoke all of them."""
    OPERATION_MANAGE = "operation:manage"
    """Register, activate and retire operations for everybody and for anybody."""
    AUDIT_READ = "audit:read"
    """Read the audit trail."""


class Role(StrEnum):
    """What a person is to the market. Everybody is a customer."""

    CUSTOMER = "CUSTOMER"
    """Everybody."""
    MERCHANT = "MERCHANT"
    """A business."""
    WORKER = "WORKER"
    """Receives tips."""
    MODERATOR = "MODERATOR"
    """Decides about listings."""
    FINANCE = "FINANCE"
    """Reads and adjusts the books."""
    SUPPORT = "SUPPORT"
    """Helps people and blocks them."""
    ADMIN = "ADMIN"
    """Grants roles and tunes the market; does not touch money."""


GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.CUSTOMER: frozenset(),
        Role.MERCHANT: frozenset(),
        Role.WORKER: frozenset(),
        Role.MODERATOR: frozenset({Permission.LISTING_MODERATE, Permission.USER_READ}),
        Role.FINANCE: frozenset(
            {
                Permission.LEDGER_READ,
                Permission.LEDGER_ADJUST,
                Permission.RATE_SET,
                Permission.PAYMENT_VERIFY,
                Permission.MERCHANT_VERIFY,
                Permission.PAYOUT_REVIEW,
                Permission.REFUND_CREATE,
                Permission.KYC_REVIEW,
                Permission.USER_READ,
            }
        ),
        Role.SUPPORT: frozenset({Permission.USER_READ, Permission.USER_BLOCK, Permission.PII_REVEAL}),
        Role.ADMIN: frozenset(Permission)
        - {
            Permission.LEDGER_ADJUST,
            Permission.RATE_SET,
            Permission.PAYMENT_VERIFY,
            Permission.PAYOUT_REVIEW,
            Permission.REFUND_CREATE,
        },
    }
)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that these roles may do together."""
    return frozenset(permission for role in roles for permission in GRANTS[role])

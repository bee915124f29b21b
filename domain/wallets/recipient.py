"""Whom money is sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.identity.user import UserStatus, is_shut_out
from domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A wallet with what decides whether its owner may receive."""

    wallet: Wallet
    status: UserStatus
    blocked_until: datetime | None

    def is_blocked(self, at: datetime) -> bool:
        """Whether its owner is shut out at this instant."""
        return is_shut_out(self.status, until=self.blocked_until, at=at)

"""What a bank transfer has besides its payment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.ids import PaymentId, UploadId, UserId

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to misread
_REFERENCE_LENGTH: Final = 10


@dataclass(eq=False, kw_only=True)
class BankTransfer:
    """What a bank transfer has besides its payment: the account it goes to, its proof, and who decided."""

    payment_id: PaymentId
    reference: str
    account: str
    proof_id: UploadId | None = None
    proved_at: datetime | None = None
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    version: int = 0

    def prove(self, proof_id: UploadId, *, at: datetime) -> None:
        """The payer shows that they paid; a later proof takes the earlier one's place."""
        self.proof_id, self.proved_at = proof_id, at
        self.version += 1

    def decide(self, *, by: UserId, at: datetime) -> None:
        """Finance has looked at it."""
        self.decided_by, self.decided_at = by, at
        self.version += 1


def new_reference() -> str:
    """What a payer writes on the transfer: `SK` and ten signs, fifty random bits, easy to read aloud."""
    return "SK" + "".join(secrets.choice(_SIGNS) for _ in range(_REFERENCE_LENGTH))

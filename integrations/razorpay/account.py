"""The market's account at Razorpay."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final

PROVIDER: Final = "razorpay"


@dataclass(frozen=True, slots=True, kw_only=True)
class RazorpayAccount:
    """Everything that Razorpay gave us. Secrets are never shown. The key's secret signs what a payer's app is told, the
    webhook's secret what we are called back.
    """

    url: str
    key_id: str
    key_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What every request bears."""
        credential = base64.b64encode(f"{self.key_id}:{self.key_secret}".encode()).decode()
        return {"Authorization": f"Basic {credential}", "Content-Type": "application/json"}

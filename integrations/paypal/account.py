"""The market's account at PayPal."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final

PROVIDER: Final = "paypal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPalAccount:
    """Everything that PayPal gave us. Secrets are never shown.

    `webhook_id` names our endpoint, and is part of everything that is signed for it. `return_url` is where PayPal sends
    payers who came by the address of an order.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_id: str
    return_url: str | None = None

    @property
    def basic_credential(self) -> str:
        """What the token is asked for by."""
        return base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()

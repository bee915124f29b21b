"""The market's account at Stripe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# The form of objects and events that this folder reads; an account's own default may be another.
API_VERSION: Final = "2025-04-30.basil"
PROVIDER: Final = "stripe"
TEST_PREFIXES: Final = ("sk_test_", "rk_test_")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccount:
    """Everything that Stripe gave us. Secrets are never shown.

    `webhook_secrets` are those of the endpoint, the newest first: while one is rolled, Stripe signs by both.
    """

    url: str
    secret_key: str = field(repr=False)
    public_key: str
    webhook_secrets: tuple[str, ...] = field(repr=False)

    @property
    def is_live(self) -> bool:
        """Whether it takes real money."""
        return not self.secret_key.startswith(TEST_PREFIXES)

    @property
    def headers(self) -> dict[str, str]:
        """What every request bears."""
        return {"Authorization": f"Bearer {self.secret_key}", "Stripe-Version": API_VERSION}

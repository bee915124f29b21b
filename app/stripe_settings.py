"""What may differ about cards: the market's account at Stripe."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from integrations.stripe.account import StripeAccount

SANDBOX_KEY = "sk_test_sandbox"
SANDBOX_PUBLIC_KEY = "pk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"
PUBLIC_TEST_PREFIX = "pk_test_"


class StripeSettings(BaseSettings):
    """Part of the settings; cards are open where `stripe_url` is named."""

    stripe_url: str | None = None
    stripe_secret_key: SecretStr = SecretStr(SANDBOX_KEY)
    stripe_public_key: str = SANDBOX_PUBLIC_KEY
    stripe_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = (SecretStr(SANDBOX_WEBHOOK_SECRET),)

    @field_validator("stripe_webhook_secrets", mode="before")
    @classmethod
    def _split_secrets(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("stripe_url")
    @classmethod
    def _without_the_slash_of_stripe(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @property
    def stripe_account(self) -> StripeAccount | None:
        """The account, where cards are open."""
        if self.stripe_url is None:
            return None
        return StripeAccount(
            url=self.stripe_url,
            secret_key=self.stripe_secret_key.get_secret_value(),
            public_key=self.stripe_public_key,
            webhook_secrets=tuple(secret.get_secret_value() for secret in self.stripe_webhook_secrets),
        )

    def require_real_stripe(self) -> None:
        """Refuse the sandbox in production.

        Raises:
            ValueError: keys of a test account, an address without TLS, or no secret of one's own to know callbacks by.
        """
        account = self.stripe_account
        if account is None:
            return
        if not account.is_live or account.public_key.startswith(PUBLIC_TEST_PREFIX):
            raise ValueError("SOKONI_STRIPE_SECRET_KEY and _PUBLIC_KEY must be of a live account in production")
        if not account.webhook_secrets or SANDBOX_WEBHOOK_SECRET in account.webhook_secrets:
            raise ValueError("SOKONI_STRIPE_WEBHOOK_SECRETS must be the endpoint's own")
        if urlsplit(account.url).scheme != "https":
            raise ValueError("SOKONI_STRIPE_URL must be https in production")

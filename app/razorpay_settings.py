"""What may differ about Razorpay: the market's account."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings

from integrations.razorpay.account import RazorpayAccount

SANDBOX_KEY_ID = "rzp_test_sandbox"
SANDBOX_KEY_SECRET = "sandbox-razorpay-key"
SANDBOX_WEBHOOK_SECRET = "sandbox-razorpay-webhook"
TEST_PREFIX = "rzp_test_"


class RazorpaySettings(BaseSettings):
    """Part of the settings; Razorpay is open where `razorpay_url` is named."""

    razorpay_url: str | None = None
    razorpay_key_id: str = SANDBOX_KEY_ID
    razorpay_key_secret: SecretStr = SecretStr(SANDBOX_KEY_SECRET)
    razorpay_webhook_secret: SecretStr = SecretStr(SANDBOX_WEBHOOK_SECRET)

    @field_validator("razorpay_url")
    @classmethod
    def _without_the_slash_of_razorpay(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @property
    def razorpay_account(self) -> RazorpayAccount | None:
        """The account, where Razorpay is open."""
        if self.razorpay_url is None:
            return None
        return RazorpayAccount(
            url=self.razorpay_url,
            key_id=self.razorpay_key_id,
            key_secret=self.razorpay_key_secret.get_secret_value(),
            webhook_secret=self.razorpay_webhook_secret.get_secret_value(),
        )

    def require_real_razorpay(self) -> None:
        """Refuse the sandbox in production.

        Raises:
            ValueError: the keys of a test account, a secret of the sandbox or none, or an address without TLS.
        """
        account = self.razorpay_account
        if account is None:
            return
        if account.key_id.startswith(TEST_PREFIX):
            raise ValueError("SOKONI_RAZORPAY_KEY_ID must be of a live account in production")
        if {SANDBOX_KEY_SECRET, SANDBOX_WEBHOOK_SECRET, ""} & {account.key_secret, account.webhook_secret}:
            raise ValueError("SOKONI_RAZORPAY_KEY_SECRET and _WEBHOOK_SECRET must be your own")
        if account.key_secret == account.webhook_secret:
            raise ValueError("SOKONI_RAZORPAY_WEBHOOK_SECRET must be another than the key's")
        if urlsplit(account.url).scheme != "https":
            raise ValueError("SOKONI_RAZORPAY_URL must be https in production")

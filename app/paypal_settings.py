"""What may differ about PayPal: the market's account."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings

from integrations.paypal.account import PayPalAccount

SANDBOX_CLIENT = "sandbox-client"
SANDBOX_CLIENT_SECRET = "sandbox-client-secret"
SANDBOX_WEBHOOK_ID = "SANDBOXWEBHOOK"


class PayPalSettings(BaseSettings):
    """Part of the settings; PayPal is open where `paypal_url` is named."""

    paypal_url: str | None = None
    paypal_client_id: str = SANDBOX_CLIENT
    paypal_client_secret: SecretStr = SecretStr(SANDBOX_CLIENT_SECRET)
    paypal_webhook_id: str = SANDBOX_WEBHOOK_ID
    paypal_return_url: str | None = None

    @field_validator("paypal_url")
    @classmethod
    def _without_the_slash_of_paypal(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @property
    def paypal_account(self) -> PayPalAccount | None:
        """The account, where PayPal is open."""
        if self.paypal_url is None:
            return None
        return PayPalAccount(
            url=self.paypal_url,
            client_id=self.paypal_client_id,
            client_secret=self.paypal_client_secret.get_secret_value(),
            webhook_id=self.paypal_webhook_id,
            return_url=self.paypal_return_url,
        )

    def require_real_paypal(self) -> None:
        """Refuse the sandbox in production.

        Raises:
            ValueError: a value of the sandbox, another host than PayPal's own, or an address without TLS.
        """
        account = self.paypal_account
        if account is None:
            return
        given = (account.client_id, account.client_secret, account.webhook_id)
        if {SANDBOX_CLIENT, SANDBOX_CLIENT_SECRET, SANDBOX_WEBHOOK_ID} & {*given}:
            raise ValueError("SOKONI_PAYPAL_CLIENT_ID, _CLIENT_SECRET and _WEBHOOK_ID must be your own")
        address = urlsplit(account.url)
        # Certificates that callbacks are known by are taken from this host.
        if (
            address.scheme != "https"
            or not (address.hostname or "").endswith(".paypal.com")
            or "sandbox" in account.url
        ):
            raise ValueError("SOKONI_PAYPAL_URL must be https, PayPal's own and no sandbox in production")

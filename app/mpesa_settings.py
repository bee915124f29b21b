"""What may differ about M-Pesa: the market's account at Daraja, and who may call back."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from integrations.mpesa.account import DarajaAccount, TransactionType
from integrations.mpesa.b2c_account import B2cAccount, CommandId

SANDBOX_KEY = "sandbox-key"
SANDBOX_SECRET = "sandbox-consumer-secret"
SANDBOX_PASSKEY = "sandbox-passkey"
SANDBOX_INITIATOR = "sandbox-initiator"
SANDBOX_PASSWORD = "sandbox-initiator-password"
SANDBOX_CERTIFICATE = "sandbox-daraja.pem"
"""In the data folder; the sandbox writes it when it starts."""
# Daraja refuses addresses with these words in them.
FORBIDDEN_WORDS: Final = ("mpesa", "m-pesa", "safaricom", "cmd", "sql", "query")

Network = IPv4Network | IPv6Network


class MpesaSettings(BaseSettings):
    """Part of the settings; M-Pesa is open where `mpesa_url` is named."""

    mpesa_url: str | None = None
    mpesa_consumer_key: str = SANDBOX_KEY
    mpesa_consumer_secret: SecretStr = SecretStr(SANDBOX_SECRET)
    mpesa_short_code: str = Field(default="174379", pattern=r"^\d{5,7}$")
    mpesa_passkey: SecretStr = SecretStr(SANDBOX_PASSKEY)
    mpesa_transaction_type: TransactionType = TransactionType.PAY_BILL
    mpesa_till: str | None = Field(default=None, pattern=r"^\d{5,7}$")
    mpesa_b2c_short_code: str = Field(default="600000", pattern=r"^\d{5,7}$")
    mpesa_b2c_initiator: str | None = SANDBOX_INITIATOR
    mpesa_b2c_password: SecretStr = SecretStr(SANDBOX_PASSWORD)
    mpesa_b2c_certificate: Path | None = None
    mpesa_b2c_command: CommandId = CommandId.BUSINESS_PAYMENT
    mpesa_callback_url: str | None = None
    mpesa_callback_networks: Annotated[tuple[Network, ...], NoDecode] = ()

    @field_validator("mpesa_callback_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("mpesa_url")
    @classmethod
    def _without_its_slash(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @field_validator("mpesa_callback_url")
    @classmethod
    def _refuse_what_daraja_refuses(cls, value: str | None) -> str | None:
        if value and any(word in value.lower() for word in FORBIDDEN_WORDS):
            raise ValueError(f"Daraja refuses callback addresses with one of {', '.join(FORBIDDEN_WORDS)} in them")
        return value

    @field_validator("mpesa_b2c_initiator")
    @classmethod
    def _none_when_empty(cls, value: str | None) -> str | None:
        return value or None

    def may_call_back(self, source: str) -> bool:
        """Whether callbacks are taken from this address: of the networks named, or of all when none is."""
        if not self.mpesa_callback_networks:
            return True
        try:
            address = ip_address(source)
        except ValueError:
            return False
        return any(address in network for network in self.mpesa_callback_networks)

    def mpesa_account(self, *, callback_url: str) -> DarajaAccount | None:
        """The account, where M-Pesa is open; Daraja calls `callback_url` unless another address is named."""
        if self.mpesa_url is None:
            return None
        return DarajaAccount(
            url=self.mpesa_url,
            consumer_key=self.mpesa_consumer_key,
            consumer_secret=self.mpesa_consumer_secret.get_secret_value(),
            short_code=self.mpesa_short_code,
            passkey=self.mpesa_passkey.get_secret_value(),
            transaction_type=self.mpesa_transaction_type,
            till=self.mpesa_till,
            callback_url=self.mpesa_callback_url or callback_url,
        )

    def b2c_account(self, *, data_dir: Path) -> B2cAccount | None:
        """Who pays people, where M-Pesa is open and an initiator is named; sealed for the sandbox in `data_dir` unless
        another certificate is named.
        """
        if self.mpesa_url is None or self.mpesa_b2c_initiator is None:
            return None
        return B2cAccount(
            short_code=self.mpesa_b2c_short_code,
            initiator=self.mpesa_b2c_initiator,
            password=self.mpesa_b2c_password.get_secret_value(),
            certificate=self.mpesa_b2c_certificate or data_dir / SANDBOX_CERTIFICATE,
            command=self.mpesa_b2c_command,
        )

    def _require_real_payer(self) -> None:
        if self.mpesa_b2c_initiator is None:
            return
        given = {self.mpesa_b2c_initiator, self.mpesa_b2c_password.get_secret_value()}
        if {SANDBOX_INITIATOR, SANDBOX_PASSWORD} & given or self.mpesa_b2c_certificate is None:
            raise ValueError(
                "SOKONI_MPESA_B2C_INITIATOR, _PASSWORD and _CERTIFICATE must be your own, or _INITIATOR empty:"
                " then nobody is paid by M-Pesa"
            )

    def require_real_mpesa(self) -> None:
        """Refuse the sandbox in production.

        Raises:
            ValueError: a value of the sandbox, an address without TLS, or callbacks from anybody.
        """
        if self.mpesa_url is None:
            return
        sandbox = {SANDBOX_KEY, SANDBOX_SECRET, SANDBOX_PASSKEY}
        secrets = (self.mpesa_consumer_secret.get_secret_value(), self.mpesa_passkey.get_secret_value())
        if sandbox & {self.mpesa_consumer_key, *secrets}:
            raise ValueError("SOKONI_MPESA_CONSUMER_KEY, _CONSUMER_SECRET and _PASSKEY must be your own")
        for address in (self.mpesa_url, self.mpesa_callback_url or ""):
            if urlsplit(address).scheme != "https" or "sandbox" in address:
                raise ValueError("SOKONI_MPESA_URL and _CALLBACK_URL must be https and no sandbox in production")
        self._require_real_payer()
        if not self.mpesa_callback_networks:
            raise ValueError("SOKONI_MPESA_CALLBACK_NETWORKS must name the networks that M-Pesa calls back from")

"""Settings from the environment: typed, with their units in their names, refused when they contradict."""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from app.mail_settings import MailSettings
from app.mpesa_settings import MpesaSettings
from app.paypal_settings import PayPalSettings
from app.razorpay_settings import RazorpaySettings
from app.stripe_settings import StripeSettings
from execution.mode import ExecutionMode
from integrations.redis.addresses import check_address
from transport.uploads import UploadLimits

SECRET_LENGTH_MIN = 32
SANDBOX_SECRET = "sandbox-only-secret-never-for-production"  # refused in production below


class Environment(StrEnum):
    """Where this process stands."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(MailSettings, MpesaSettings, StripeSettings, PayPalSettings, RazorpaySettings):
    """Everything that may differ between two installations; names carry `SOKONI_` in the environment."""

    model_config = SettingsConfigDict(env_prefix="SOKONI_", env_file=".env", extra="ignore", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = Path(".data")
    database_url: str | None = None
    redis_url: str | None = None
    database_pool_size: int = Field(default=10, ge=2, le=200)
    master_secret: SecretStr = SecretStr(SANDBOX_SECRET)
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limits: bool = True
    rate_limit_per_minute: int = Field(default=100, ge=1)
    heartbeat_seconds: float = Field(default=15, gt=0)
    body_bytes_max: int = Field(default=1024 * 1024, ge=1024)
    upload_bytes_max: int = Field(default=10 * 1024 * 1024, ge=1024)
    upload_files_max: int = Field(default=10, ge=1)
    upload_paths_max: int = Field(default=50, ge=1)
    execution: ExecutionMode = ExecutionMode.COMPILED
    phone_region: str | None = "KE"
    log_level: str = "INFO"
    storage_url: str | None = None
    rates_url: str | None = None
    sandbox_messages_path: Path | None = None
    explorer: bool | None = None
    sandbox: bool | None = None
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    api_metrics: bool | None = None

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("redis_url")
    @classmethod
    def _refuse_what_cannot_be_connected_to(cls, value: str | None) -> str | None:
        return value and check_address(value)

    @property
    def is_production(self) -> bool:
        """Whether real people and real money are at stake."""
        return self.environment is Environment.PRODUCTION

    @property
    def serves_explorer(self) -> bool:
        """Whether `/` is the explorer: in development unless it is turned off, in production only when turned on."""
        return not self.is_production if self.explorer is None else self.explorer

    @property
    def has_sandbox(self) -> bool:
        """Whether people may drive the sandbox here: in development unless it is turned off, in production never."""
        return not self.is_production and self.sandbox is not False

    @property
    def serves_metrics(self) -> bool:
        """Whether the API shows its figures on its own port: in development unless it is turned off, in production only
        when turned on, for everybody reaches that port.
        """
        return not self.is_production if self.api_metrics is None else self.api_metrics

    @model_validator(mode="after")
    def _refuse_sandbox_in_production(self) -> Self:
        if self.is_production:
            if len(self.master_secret.get_secret_value()) < SECRET_LENGTH_MIN or self.uses_sandbox_secret:
                raise ValueError("SOKONI_MASTER_SECRET must be a secret of your own with at least 32 characters")
            if not self.rate_limits:
                raise ValueError("SOKONI_RATE_LIMITS=off is refused in production")
            if self.sandbox:
                raise ValueError("SOKONI_SANDBOX=on is refused in production")
            if not (self.database_url and self.redis_url):
                raise ValueError("production needs SOKONI_DATABASE_URL and SOKONI_REDIS_URL")
            self.require_real_mpesa()
            self.mail_account(needs_tls=True)
            self.require_real_stripe()
            self.require_real_paypal()
            self.require_real_razorpay()
        return self

    @property
    def uses_sandbox_secret(self) -> bool:
        """Whether the secret is the one that everybody can read."""
        return self.master_secret.get_secret_value() == SANDBOX_SECRET

    def key_for(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, derived from the master secret: no two purposes share one."""
        return hmac.digest(self.master_secret.get_secret_value().encode(), purpose.encode(), hashlib.sha256)

    @property
    def upload_limits(self) -> UploadLimits:
        """How much one request may bring as files; what it says besides is limited as other bodies are."""
        return UploadLimits(
            file_bytes_max=self.upload_bytes_max,
            files_max=self.upload_files_max,
            paths_max=self.upload_paths_max,
            text_bytes_max=self.body_bytes_max,
        )

    @property
    def storage_address(self) -> str:
        """Where uploaded files lie: the data folder unless another place is named."""
        return self.storage_url or f"file://{self.data_dir.resolve()}/files"

    @property
    def own_url(self) -> str:
        """Where this machine reaches the API."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def messages_path(self) -> Path:
        """Where the sandbox messenger writes what it would have sent."""
        return self.sandbox_messages_path or self.data_dir / "messages.jsonl"

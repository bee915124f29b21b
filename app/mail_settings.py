"""What may differ about e-mail: the server that takes it, and whom it is from."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from integrations.smtp.account import MailAccount, mail_account


class MailSettings(BaseSettings):
    """Part of the settings; e-mail goes by SMTP where `smtp_url` is named."""

    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="noreply@sokoni.example", pattern=r"^[^@\s<>]+@[^@\s<>]+$")

    def mail_account(self, *, needs_tls: bool) -> MailAccount | None:
        """Where e-mail is given to, if it goes by SMTP. Raises ValueError: the address names no such server."""
        if self.smtp_url is None:
            return None
        return mail_account(self.smtp_url.get_secret_value(), sender=self.mail_from, needs_tls=needs_tls)

"""The market's account at Daraja, and how it signs what it asks."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

EAST_AFRICA: Final = timezone(timedelta(hours=3), "EAT")


class TransactionType(StrEnum):
    """What the short code is."""

    PAY_BILL = "CustomerPayBillOnline"
    BUY_GOODS = "CustomerBuyGoodsOnline"


@dataclass(frozen=True, slots=True, kw_only=True)
class DarajaAccount:
    """Everything that Daraja gave us, and the address of ours that it calls.

    `till` is paid by buy-goods; the short code is then the head office's. Secrets are never shown.
    """

    url: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    short_code: str
    passkey: str = field(repr=False)
    transaction_type: TransactionType
    till: str | None = None
    callback_url: str

    @property
    def receiver(self) -> str:
        """Who is paid."""
        return self.till or self.short_code

    @property
    def basic_credential(self) -> str:
        """What the token is asked for by."""
        return base64.b64encode(f"{self.consumer_key}:{self.consumer_secret}".encode()).decode()

    def callback_address(self, token: str) -> str:
        """Where the result of one push goes. Daraja refuses addresses with words such as mpesa, safaricom, cmd, sql
        and query in them.
        """
        return f"{self.callback_url.rstrip('/')}/callbacks/stk/{token}"

    def payout_address(self, token: str, kind: str) -> str:
        """Where this kind of news of one payout goes."""
        return f"{self.callback_url.rstrip('/')}/callbacks/b2c/{token}/{kind}"

    def signature(self, at: datetime) -> dict[str, str | int]:
        """Short code, password and the timestamp that the password is made of, in East Africa Time."""
        timestamp = at.astimezone(EAST_AFRICA).strftime("%Y%m%d%H%M%S")
        password = base64.b64encode(f"{self.short_code}{self.passkey}{timestamp}".encode()).decode()
        return {"BusinessShortCode": int(self.short_code), "Password": password, "Timestamp": timestamp}

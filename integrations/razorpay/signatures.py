"""Razorpay's two signatures, both HMAC-SHA256 in hexadecimal digits: of callbacks by the webhook's secret over the body
as it came, and of what its checkout tells the payer's app by the key's secret over `<order id>|<payment id>`.

Source: Razorpay's documentation of webhooks and of its standard checkout. The time of a callback stands in its body
alone; it is repeated for a day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.payments.acquirer import ForgedCallback
from integrations.answers import instant_of, object_in, text_of

HEADER: Final = "x-razorpay-signature"
EVENT_ID: Final = "x-razorpay-event-id"
OLDEST: Final = timedelta(hours=48)
CLOCKS_DIFFER: Final = timedelta(minutes=5)


class RazorpaySignatures:
    """See the port `CallbackSignatures`."""

    def __init__(self, webhook_secret: str) -> None:
        self._secret = webhook_secret

    async def event_id(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
        """The event's id, which stands in a header and is not signed: whoever sends the same event under another one
        has it read again, which changes nothing. Where there is none, the same body is the same event.
        """
        given = headers.get(HEADER, "")
        if not given.isascii() or not hmac.compare_digest(signature_of(self._secret, body), given):
            raise ForgedCallback("signed by nobody we know")
        created_at = instant_of(object_in(body).get("created_at"))
        if created_at is None or not -CLOCKS_DIFFER <= at - created_at <= OLDEST:
            raise ForgedCallback("too old, or of the future")
        return text_of(headers.get(EVENT_ID), longest=100) or hashlib.sha256(body).hexdigest()


class RazorpayCheckoutSignatures:
    """See the port `CheckoutSignatures`."""

    def __init__(self, key_secret: str) -> None:
        self._secret = key_secret

    def is_signed(self, *, provider_id: str, authorization: str, signature: str) -> bool:
        """Over the order's id as we stored it, and the payment's as the app names it."""
        expected = signature_of(self._secret, f"{provider_id}|{authorization}".encode())
        return signature.isascii() and hmac.compare_digest(expected, signature)


def signature_of(secret: str, signed: bytes) -> str:
    """What Razorpay would write."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

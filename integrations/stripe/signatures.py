"""Who signed a callback: `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 over `<t>.<body>`.

Source: Stripe's documentation of webhook signatures; it recommends five minutes of tolerance. Schemes other than v1
are passed over.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.payments.acquirer import ForgedCallback
from integrations.answers import instant_of, object_in, text_of

HEADER: Final = "stripe-signature"
SCHEME: Final = "v1"
TOLERANCE: Final = timedelta(minutes=5)
HEADER_LENGTH_MAX: Final = 2_000
TIMESTAMP_DIGITS_MAX: Final = 12


class StripeSignatures:
    """See the port `CallbackSignatures`."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)

    async def event_id(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
        """The event's own id, which is signed with it."""
        timestamp, given = _parts_of(headers.get(HEADER, ""))
        signed_at = instant_of(int(timestamp))
        if signed_at is None or abs(at - signed_at) > TOLERANCE:
            raise ForgedCallback("too old, or of the future")
        # All are compared, so that how long it takes tells nothing.
        fits = [
            hmac.compare_digest(signature_of(secret, timestamp, body), one) for secret in self._secrets for one in given
        ]
        if not any(fits):
            raise ForgedCallback("signed by nobody we know")
        event_id = text_of(object_in(body).get("id"))
        if event_id is None:
            raise ForgedCallback("no event")
        return event_id


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """What Stripe would write."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _parts_of(header: str) -> tuple[str, list[str]]:
    if not header.isascii() or len(header) > HEADER_LENGTH_MAX:
        raise ForgedCallback("no signature")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == SCHEME]
    if len(timestamps) != 1 or not timestamps[0].isdigit() or len(timestamps[0]) > TIMESTAMP_DIGITS_MAX:
        raise ForgedCallback("no time of signing")
    return timestamps[0], signatures

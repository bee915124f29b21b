"""Who signed a callback: PayPal, by the certificate that the callback names.

RSA-SHA256 over `<transmission id>|<transmission time>|<webhook id>|<CRC-32 of the body, decimal>`. Source: PayPal's
guide to webhooks. Certificates are taken from PayPal's own host and nowhere else. A delivery is repeated for three
days, so that is how old it may be; the same event is kept once.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from domain.errors import GatewayFault
from domain.payments.acquirer import ForgedCallback, SignaturesUnavailable
from integrations.answers import object_in, text_of, time_of
from integrations.outbound_http import OK, OutboundHttp
from integrations.paypal.account import PROVIDER, PayPalAccount

ALGORITHM: Final = "SHA256withRSA"
CERTIFICATE_PATH: Final = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,100}", re.ASCII)
OLDEST: Final = timedelta(days=4)
CLOCKS_DIFFER: Final = timedelta(minutes=5)
CERTIFICATES_MAX: Final = 16


class PayPalSignatures:
    """See the port `CallbackSignatures`."""

    def __init__(self, account: PayPalAccount, *, http: OutboundHttp | None = None) -> None:
        self._account = account
        self._http = http or OutboundHttp(PROVIDER)
        self._certificates: dict[str, x509.Certificate] = {}
        self._turn = asyncio.Lock()

    async def event_id(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
        """The event's own id, which is signed with it."""
        transmission_id = text_of(headers.get("paypal-transmission-id"), longest=100)
        sent, sent_at = headers.get("paypal-transmission-time"), time_of(headers.get("paypal-transmission-time"))
        address, signature = headers.get("paypal-cert-url", ""), _decoded(headers.get("paypal-transmission-sig", ""))
        if transmission_id is None or sent_at is None or headers.get("paypal-auth-algo") != ALGORITHM:
            raise ForgedCallback("no signature")
        if not -CLOCKS_DIFFER <= at - sent_at <= OLDEST:
            raise ForgedCallback("too old, or of the future")
        event_id = text_of(object_in(body).get("id"))
        if event_id is None:
            raise ForgedCallback("no event")
        self._require_own_host(address)
        certificate = await self._certificate(address)
        signed = f"{transmission_id}|{sent}|{self._account.webhook_id}|{zlib.crc32(body)}"
        _verify(certificate, signature, signed.encode(), at=at)
        return event_id

    def _require_own_host(self, address: str) -> None:
        try:
            named, ours = urlsplit(address), urlsplit(self._account.url)
        except ValueError:
            raise ForgedCallback("no address") from None
        # The API answers at api-m.paypal.com, and names its certificates at api.paypal.com.
        hosts = {ours.netloc, ours.netloc.replace("api-m.", "api.", 1)}
        base = ours.path.rstrip("/")
        is_ours = named.scheme == ours.scheme and named.netloc in hosts and named.path.startswith(base)
        if not is_ours or not CERTIFICATE_PATH.fullmatch(named.path[len(base) :]) or named.query or named.fragment:
            raise ForgedCallback("a certificate from elsewhere")

    async def _certificate(self, address: str) -> x509.Certificate:
        known = self._certificates.get(address)
        if known is not None:
            return known
        # One at a time: whoever names many certificates shall not make us ask for many at once.
        async with self._turn:
            if address not in self._certificates:
                if len(self._certificates) >= CERTIFICATES_MAX:
                    self._certificates.clear()
                self._certificates[address] = await self._fetched(address)
            return self._certificates[address]

    async def _fetched(self, address: str) -> x509.Certificate:
        try:
            answer = await self._http.get(address)
        except GatewayFault as fault:
            raise SignaturesUnavailable(PROVIDER, fault.provider_code, "The certificate is not to be had.") from fault
        if answer.status != OK:
            raise ForgedCallback("no such certificate")
        try:
            return x509.load_pem_x509_certificate(answer.body)
        except ValueError:
            raise ForgedCallback("no certificate") from None


def _verify(certificate: x509.Certificate, signature: bytes, signed: bytes, *, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise ForgedCallback("a certificate that is not valid now")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise ForgedCallback("a certificate of another kind")
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise ForgedCallback("signed by nobody we know") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise ForgedCallback("no signature") from None

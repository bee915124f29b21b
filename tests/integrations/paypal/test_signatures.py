"""Who signed a callback: PayPal, by a certificate of its own host, for our endpoint and over this body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from domain.payments.acquirer import ForgedCallback, SignaturesUnavailable
from integrations.outbound_http import OutboundHttp
from integrations.paypal.account import PayPalAccount
from integrations.paypal.signatures import PayPalSignatures
from integrations.sandbox.caller import Caller
from integrations.sandbox.paypal import PayPalSandbox
from tests.daraja import serving
from tests.makers.checkouts import PATIENCE

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = orjson.dumps({"id": "WH-58D329510W468432D-8HN650336L201105X", "event_type": "PAYMENT.CAPTURE.COMPLETED"})


@dataclass
class PayPal:
    server: PayPalSandbox
    account: PayPalAccount
    signatures: PayPalSignatures

    def signed(self, body: bytes = BODY, **how: Any) -> dict[str, str]:
        headers, _ = self.server.signed(body, **how)
        return {name.lower(): value for name, value in headers.items()}

    async def seen(self, headers: dict[str, str], body: bytes = BODY, at: datetime = NOON) -> str:
        return await self.signatures.event_id(headers, body, at=at)


@pytest.fixture
async def paypal() -> AsyncIterator[PayPal]:
    server = PayPalSandbox("client", "secret", "WEBHOOK1", Caller(""), now=lambda: NOON)
    async with serving(server.application()) as url:
        server.url = url
        account = PayPalAccount(url=url, client_id="client", client_secret="secret", webhook_id="WEBHOOK1")
        http = OutboundHttp("paypal", timeout=PATIENCE, attempts=1)
        yield PayPal(server, account, PayPalSignatures(account, http=http))


async def test_what_paypal_signed_is_known_by_its_id(paypal: PayPal) -> None:
    assert await paypal.seen(paypal.signed()) == "WH-58D329510W468432D-8HN650336L201105X"


async def test_its_certificate_is_asked_for_once(paypal: PayPal) -> None:
    headers = paypal.signed()
    await asyncio.gather(*(paypal.seen(headers) for _ in range(5)))

    assert paypal.server.certificates_given == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"paypal-transmission-id": "another"},
        {"paypal-transmission-time": "2026-11-20T12:00:01Z"},
        {"paypal-transmission-time": "yesterday"},
        {"paypal-transmission-time": "0001-01-01T00:00:00+23:00"},
        {"paypal-transmission-sig": "AAAA"},
        {"paypal-transmission-sig": "not base64!"},
        {"paypal-auth-algo": "MD5withRSA"},
        {"paypal-auth-algo": ""},
        {"paypal-transmission-id": ""},
    ],
)
async def test_whatever_is_changed_is_forged(paypal: PayPal, changes: dict[str, str]) -> None:
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed() | changes)


async def test_another_body_another_endpoint_or_another_key_is_forged(paypal: PayPal) -> None:
    stranger = generate_private_key(65537, 2048)
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed(), BODY + b" ")
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed(webhook_id="WEBHOOK2"))
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed(key=stranger))
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed(b"[]"), b"[]")
    with pytest.raises(ForgedCallback):
        await paypal.seen({})


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/v1/notifications/certs/CERT-1",
        "http://127.0.0.1:1/v1/notifications/certs/CERT-1",
        "{url}.evil.example/v1/notifications/certs/CERT-1",
        "{url}@evil.example/v1/notifications/certs/CERT-1",
        "{url}/v1/notifications/certs/../../../sandbox/orders",
        "{url}/v1/notifications/certs/CERT-1?x=1",
        "{url}/v1/notifications/certs/CERT-1#x",
        "{url}/v1/notifications/certs/",
        "{url}/v1/notifications/certs/CERT-2",
        "file:///v1/notifications/certs/CERT-1",
        "http://[",
        "",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_even_asked_for(paypal: PayPal, address: str) -> None:
    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed() | {"paypal-cert-url": address.format(url=paypal.account.url)})

    assert paypal.server.certificates_given == 0


def test_the_hosts_of_paypal_itself() -> None:
    live = PayPalAccount(url="https://api-m.paypal.com", client_id="", client_secret="", webhook_id="")
    signatures = PayPalSignatures(live)

    signatures._require_own_host("https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270")
    signatures._require_own_host("https://api-m.paypal.com/v1/notifications/certs/CERT-1")
    for other in ("https://api.sandbox.paypal.com", "https://paypal.com.evil.example", "http://api.paypal.com"):
        with pytest.raises(ForgedCallback):
            signatures._require_own_host(f"{other}/v1/notifications/certs/CERT-1")


@pytest.mark.parametrize(
    ("step", "is_good"),
    [
        (timedelta(days=3), True),
        (timedelta(days=4, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-6), False),
    ],
)
async def test_deliveries_are_repeated_for_three_days(paypal: PayPal, step: timedelta, is_good: bool) -> None:
    if is_good:
        assert await paypal.seen(paypal.signed(), at=NOON + step)
    else:
        with pytest.raises(ForgedCallback):
            await paypal.seen(paypal.signed(), at=NOON + step)


async def test_a_certificate_that_is_over_is_worth_nothing(paypal: PayPal) -> None:
    headers = paypal.signed()
    await paypal.seen(headers)
    paypal.server.driven.be_ahead(timedelta(days=800))

    with pytest.raises(ForgedCallback):
        await paypal.seen(paypal.signed(), at=NOON + timedelta(days=800))


async def test_without_an_answer_nobody_knows_and_it_is_sent_again(paypal: PayPal) -> None:
    account = replace(paypal.account, url="http://127.0.0.1:9")
    signatures = PayPalSignatures(account, http=OutboundHttp("paypal", timeout=PATIENCE, attempts=1))
    headers = paypal.signed() | {"paypal-cert-url": "http://127.0.0.1:9/v1/notifications/certs/CERT-1"}

    with pytest.raises(SignaturesUnavailable):
        await signatures.event_id(headers, BODY, at=NOON)

"""Who signed a callback: Stripe and nobody else, lately, by any of the secrets that the endpoint has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.payments.acquirer import ForgedCallback
from integrations.stripe.signatures import StripeSignatures, signature_of

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
T = str(int(AT.timestamp()))
BODY = b'{"id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event"}'
OLD, NEW = "whsec_old", "whsec_new"


def by(secret: str, *, t: str = T, body: bytes = BODY) -> str:
    return signature_of(secret, t, body)


async def seen(header: str, *, body: bytes = BODY, at: datetime = AT) -> str:
    return await StripeSignatures((NEW, OLD)).event_id({"stripe-signature": header}, body, at=at)


def test_it_is_what_openssl_computes() -> None:
    # printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_x
    assert (
        signature_of("whsec_x", "1492774577", b'{"id":"evt_1"}')
        == "c0ffcc2b0139601649fbed64d79e27610c84a4b10494e342f890a8c3c7159570"
    )


@pytest.mark.parametrize(
    "header",
    [
        f"t={T},v1={by(NEW)}",
        f"t={T},v1={by(OLD)}",
        f"t={T},v1={by('whsec_unknown')},v1={by(OLD)}",
        f"t={T},v1={by(NEW)},v0={'0' * 64}",
        f"t={T}, v1={by(NEW)}",
    ],
)
async def test_one_good_signature_is_enough(header: str) -> None:
    assert await seen(header) == "evt_1NG8Du2eZvKYlo2CUI79vXWy"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"t={T}",
        f"v1={by(NEW)}",
        f"t={T},v0={by(NEW)}",
        f"t={T},v1={by('whsec_unknown')}",
        f"t={T},v1={by(NEW, body=BODY + b' ')}",
        f"t={int(T) + 1},v1={by(NEW)}",
        f"t={T},t={T},v1={by(NEW)}",
        f"t=-1,v1={by(NEW, t='-1')}",
        f"t={'9' * 30},v1={by(NEW, t='9' * 30)}",
        f"t={'9' * 12},v1={by(NEW, t='9' * 12)}",
        f"t={T},v1=é",
        f"t={T},v1={by(NEW)}" + "," * 2_000,
    ],
)
async def test_anything_else_is_forged(header: str) -> None:
    with pytest.raises(ForgedCallback):
        await seen(header)


@pytest.mark.parametrize(("seconds", "is_good"), [(300, True), (301, False), (-300, True), (-301, False)])
async def test_five_minutes_are_tolerated(seconds: int, is_good: bool) -> None:
    at, header = AT + timedelta(seconds=seconds), f"t={T},v1={by(NEW)}"

    if is_good:
        assert await seen(header, at=at) == "evt_1NG8Du2eZvKYlo2CUI79vXWy"
    else:
        with pytest.raises(ForgedCallback):
            await seen(header, at=at)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 7}', b'{"id": ""}', b"\x00"])
async def test_a_signed_body_without_an_event_is_no_event(body: bytes) -> None:
    with pytest.raises(ForgedCallback):
        await seen(f"t={T},v1={by(NEW, body=body)}", body=body)


async def test_without_a_secret_nothing_is_good() -> None:
    with pytest.raises(ForgedCallback):
        await StripeSignatures(()).event_id({"stripe-signature": f"t={T},v1={by('')}"}, BODY, at=AT)

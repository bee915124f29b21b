"""Razorpay's two signatures: each by its own secret, over its own text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from domain.payments.acquirer import ForgedCallback
from integrations.razorpay.signatures import RazorpayCheckoutSignatures, RazorpaySignatures, signature_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = orjson.dumps({"entity": "event", "event": "payment.captured", "created_at": int(NOON.timestamp())})
CALLBACKS = RazorpaySignatures("hook")
CHECKOUTS = RazorpayCheckoutSignatures("key")


async def seen(signature: str, *, body: bytes = BODY, at: datetime = NOON, event_id: str | None = "evt") -> str:
    named = {} if event_id is None else {"x-razorpay-event-id": event_id}
    return await CALLBACKS.event_id({"x-razorpay-signature": signature, **named}, body, at=at)


def test_it_is_what_openssl_computes() -> None:
    # printf 'order_1|pay_1' | openssl dgst -sha256 -hmac key
    assert signature_of("key", b"order_1|pay_1") == "65219a93f3f6ab8a5f6962209ec83d04e29cd18b30fffd7e1a2aade3a72c199e"


async def test_an_event_is_known_by_its_header_or_its_body() -> None:
    signature = signature_of("hook", BODY)

    assert await seen(signature) == "evt"
    assert await seen(signature, event_id=None) == await seen(signature, event_id="")


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("", BODY),
        ("é", BODY),
        (signature_of("key", BODY), BODY),
        (signature_of("hook", BODY), BODY + b" "),
        (signature_of("hook", BODY).upper(), BODY),
        (signature_of("hook", b"[]"), b"[]"),
        (signature_of("hook", b'{"created_at": "now"}'), b'{"created_at": "now"}'),
    ],
)
async def test_anything_else_is_forged(signature: str, body: bytes) -> None:
    with pytest.raises(ForgedCallback):
        await seen(signature, body=body)


@pytest.mark.parametrize(
    ("step", "is_good"),
    [
        (timedelta(hours=48), True),
        (timedelta(hours=48, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-6), False),
    ],
)
async def test_two_days_are_how_old_it_may_be(step: timedelta, is_good: bool) -> None:
    signature = signature_of("hook", BODY)

    if is_good:
        assert await seen(signature, at=NOON + step) == "evt"
    else:
        with pytest.raises(ForgedCallback):
            await seen(signature, at=NOON + step)


@pytest.mark.parametrize(
    ("order", "payment", "signature", "is_good"),
    [
        ("order_1", "pay_1", signature_of("key", b"order_1|pay_1"), True),
        ("order_2", "pay_1", signature_of("key", b"order_1|pay_1"), False),
        ("order_1", "pay_2", signature_of("key", b"order_1|pay_1"), False),
        ("order_1", "pay_1", signature_of("hook", b"order_1|pay_1"), False),
        ("order_1", "pay_1", "", False),
        ("order_1", "pay_1", "é", False),
    ],
)
def test_what_the_checkout_signed(order: str, payment: str, signature: str, is_good: bool) -> None:
    assert CHECKOUTS.is_signed(provider_id=order, authorization=payment, signature=signature) is is_good

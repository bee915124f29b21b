"""Signatures: over which text, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.identity.signed_request import SignedRequest

SIGNED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REQUEST = SignedRequest(method="POST", target="/graphql", timestamp_ms=1_795_176_000_000, body=b'{"query":"{ x }"}')
SECRET = "sk_only-for-tests"


def test_five_lines_are_signed() -> None:
    assert REQUEST.text.split("\n") == [
        "SOKONI-HMAC-SHA256",
        "POST",
        "/graphql",
        "1795176000000",
        "a0fffc8061f6c1de51a5a69309955dfc0d838aad42a8bd45de7c0a5063a60ab5",
    ]


@pytest.mark.parametrize(
    "changed",
    [{"method": "GET"}, {"target": "/graphql?x"}, {"timestamp_ms": 1_795_176_000_001}, {"body": b'{"query":"{ y }"}'}],
)
def test_a_signature_is_of_every_part(changed: dict[str, object]) -> None:
    signature = REQUEST.signature(SECRET)

    assert REQUEST.is_signed(signature, secret=SECRET)
    assert not REQUEST.is_signed(signature, secret=SECRET + "x")
    assert not replace(REQUEST, **changed).is_signed(signature, secret=SECRET)  # type: ignore[arg-type]


@pytest.mark.parametrize("signature", ["", "é", "0" * 64, "x" * 10_000])
def test_what_is_no_signature_is_none(signature: str) -> None:
    assert not REQUEST.is_signed(signature, secret=SECRET)


@pytest.mark.parametrize(
    ("later", "is_timely"),
    [
        (timedelta(0), True),
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5, milliseconds=1), False),
        (timedelta(minutes=-5, milliseconds=-1), False),
    ],
)
def test_clocks_may_differ_by_five_minutes(later: timedelta, is_timely: bool) -> None:
    assert REQUEST.is_timely(SIGNED_AT + later) is is_timely

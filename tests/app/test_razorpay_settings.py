"""Settings of Razorpay: closed unless named, and the sandbox refused in production."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Settings
from app.sandbox_acquirers import unnamed
from tests.app.test_config import PRODUCTION

REAL: dict[str, Any] = {
    **PRODUCTION,
    "razorpay_url": "https://api.razorpay.com/",
    "razorpay_key_id": "rzp_live_ours",
    "razorpay_key_secret": "our-key",
    "razorpay_webhook_secret": "our-webhook",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)


def test_it_is_closed_unless_its_address_is_named() -> None:
    assert Settings().razorpay_account is None
    assert Settings(**PRODUCTION).razorpay_account is None


def test_production_takes_an_account_of_its_own() -> None:
    account = Settings(**REAL).razorpay_account

    assert account is not None
    assert (account.url, account.key_id) == ("https://api.razorpay.com", "rzp_live_ours")
    for secret in ("our-key", "our-webhook"):
        assert secret not in repr(account) + repr(Settings(**REAL))


@pytest.mark.parametrize(
    "change",
    [
        {"razorpay_key_id": "rzp_test_ours"},
        {"razorpay_key_secret": "sandbox-razorpay-key"},
        {"razorpay_webhook_secret": "sandbox-razorpay-webhook"},
        {"razorpay_webhook_secret": ""},
        {"razorpay_webhook_secret": "our-key"},
        {"razorpay_url": "http://api.razorpay.com"},
    ],
)
def test_production_refuses_the_sandbox(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**REAL, **change})


def test_the_sandbox_stands_in_for_what_is_not_named() -> None:
    stands_in = unnamed(Settings(paypal_url="https://api-m.sandbox.paypal.com"), "http://127.0.0.1:1")

    assert stands_in == {
        "SOKONI_STRIPE_URL": "http://127.0.0.1:1/stripe",
        "SOKONI_RAZORPAY_URL": "http://127.0.0.1:1/razorpay",
    }

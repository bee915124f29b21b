"""Settings of PayPal: closed unless named, and the sandbox refused in production."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Settings
from tests.app.test_config import PRODUCTION

REAL: dict[str, Any] = {
    **PRODUCTION,
    "paypal_url": "https://api-m.paypal.com/",
    "paypal_client_id": "our-client",
    "paypal_client_secret": "our-secret",
    "paypal_webhook_id": "OURWEBHOOK",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)


def test_it_is_closed_unless_its_address_is_named() -> None:
    assert Settings().paypal_account is None
    assert Settings(**PRODUCTION).paypal_account is None


def test_production_takes_an_account_of_its_own() -> None:
    account = Settings(**REAL).paypal_account

    assert account is not None
    assert (account.url, account.webhook_id) == ("https://api-m.paypal.com", "OURWEBHOOK")
    assert "our-secret" not in repr(account) + repr(Settings(**REAL))


@pytest.mark.parametrize(
    "change",
    [
        {"paypal_client_id": "sandbox-client"},
        {"paypal_client_secret": "sandbox-client-secret"},
        {"paypal_webhook_id": "SANDBOXWEBHOOK"},
        {"paypal_url": "http://api-m.paypal.com"},
        {"paypal_url": "https://api-m.sandbox.paypal.com"},
        {"paypal_url": "https://paypal.example.com"},
        {"paypal_url": "https://api-m.paypal.com.example.com"},
    ],
)
def test_production_refuses_the_sandbox(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**REAL, **change})

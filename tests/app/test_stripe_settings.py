"""Settings of cards: closed unless named, and the sandbox refused in production."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Settings
from tests.app.test_config import PRODUCTION

REAL: dict[str, Any] = {
    **PRODUCTION,
    "stripe_url": "https://api.stripe.com/",
    "stripe_secret_key": "sk_live_ours",
    "stripe_public_key": "pk_live_ours",
    "stripe_webhook_secrets": "whsec_new, whsec_old",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)


def test_cards_are_closed_unless_their_address_is_named() -> None:
    assert Settings().stripe_account is None
    assert Settings(**PRODUCTION).stripe_account is None


def test_production_takes_an_account_of_its_own() -> None:
    account = Settings(**REAL).stripe_account

    assert account is not None
    assert (account.url, account.webhook_secrets) == ("https://api.stripe.com", ("whsec_new", "whsec_old"))


@pytest.mark.parametrize(
    "change",
    [
        {"stripe_secret_key": "sk_test_sandbox"},
        {"stripe_secret_key": "sk_test_ours"},
        {"stripe_public_key": "pk_test_ours"},
        {"stripe_webhook_secrets": "whsec_sandbox"},
        {"stripe_webhook_secrets": "whsec_new,whsec_sandbox"},
        {"stripe_webhook_secrets": ""},
        {"stripe_url": "http://api.stripe.com"},
    ],
)
def test_production_refuses_the_sandbox(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**REAL, **change})


def test_no_secret_is_shown() -> None:
    settings = Settings(**REAL)

    assert "sk_live_ours" not in repr(settings) + repr(settings.stripe_account)
    assert "whsec_old" not in repr(settings) + repr(settings.stripe_account)

"""M-Pesa's settings: closed unless named, the sandbox refused in production, and who may call back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Settings
from tests.app.test_config import PRODUCTION

REAL: dict[str, Any] = {
    **PRODUCTION,
    "mpesa_url": "https://api.safaricom.co.ke/",
    "mpesa_consumer_key": "our-key",
    "mpesa_consumer_secret": "our-secret",
    "mpesa_short_code": "600123",
    "mpesa_passkey": "our-passkey",
    "mpesa_b2c_short_code": "600456",
    "mpesa_b2c_initiator": "our-operator",
    "mpesa_b2c_password": "our-operators-password",
    "mpesa_b2c_certificate": "/etc/sokoni/mpesa.pem",
    "mpesa_callback_url": "https://pay.example.com",
    "mpesa_callback_networks": "196.201.212.0/22, 2001:db8::/32",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)


def test_it_is_closed_unless_its_address_is_named() -> None:
    assert Settings().mpesa_account(callback_url="http://127.0.0.1:8000") is None
    assert Settings(**PRODUCTION).mpesa_account(callback_url="http://127.0.0.1:8000") is None


def test_production_takes_an_account_of_its_own() -> None:
    account = Settings(**REAL).mpesa_account(callback_url="http://127.0.0.1:8000")

    assert account is not None
    assert account.url == "https://api.safaricom.co.ke"
    assert account.callback_address("t") == "https://pay.example.com/callbacks/stk/t"


@pytest.mark.parametrize(
    "change",
    [
        {"mpesa_consumer_key": "sandbox-key"},
        {"mpesa_consumer_secret": "sandbox-consumer-secret"},
        {"mpesa_passkey": "sandbox-passkey"},
        {"mpesa_url": "http://api.safaricom.co.ke"},
        {"mpesa_url": "https://sandbox.safaricom.co.ke"},
        {"mpesa_callback_url": None},
        {"mpesa_callback_url": "http://pay.example.com"},
        {"mpesa_callback_networks": ""},
        {"mpesa_b2c_initiator": "sandbox-initiator"},
        {"mpesa_b2c_password": "sandbox-initiator-password"},
        {"mpesa_b2c_certificate": None},
    ],
)
def test_production_refuses_the_sandbox(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**REAL, **change})


@pytest.mark.parametrize("word", ["mpesa", "Safaricom", "cmd", "sql", "query"])
def test_an_address_that_daraja_refuses_is_refused_here(word: str) -> None:
    with pytest.raises(ValidationError):
        Settings(mpesa_callback_url=f"https://pay.example.com/{word}")


@pytest.mark.parametrize("short_code", ["1234", "12345678", "12a45", ""])
def test_a_short_code_has_five_to_seven_digits(short_code: str) -> None:
    with pytest.raises(ValidationError):
        Settings(mpesa_short_code=short_code)


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("196.201.214.200", True),
        ("196.201.216.1", False),
        ("2001:db8::1", True),
        ("127.0.0.1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_callbacks_come_from_the_networks_named(source: str, may: bool) -> None:
    assert Settings(**REAL).may_call_back(source) is may


def test_no_secret_is_shown() -> None:
    shown = repr(Settings(**REAL))

    assert "our-secret" not in shown
    assert "our-passkey" not in shown


def test_nobody_is_paid_where_no_initiator_is_named(tmp_path: Path) -> None:
    closed = Settings(**{**REAL, "mpesa_b2c_initiator": "", "mpesa_b2c_certificate": None})

    assert closed.b2c_account(data_dir=tmp_path) is None
    assert Settings().b2c_account(data_dir=tmp_path) is None
    account = Settings(**REAL).b2c_account(data_dir=tmp_path)
    assert account is not None
    assert (account.short_code, account.initiator) == ("600456", "our-operator")
    assert "password" not in repr(account)

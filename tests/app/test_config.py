"""Settings that contradict each other are refused before anything starts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Environment, Settings

PRODUCTION: dict[str, Any] = {
    "environment": Environment.PRODUCTION,
    "master_secret": "a secret of our own, long enough to be one",
    "database_url": "postgresql+asyncpg://db/sokoni",
    "redis_url": "redis://redis:6379/0",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)


def test_production_with_secrets_of_its_own_is_accepted() -> None:
    assert Settings(**PRODUCTION).is_production


@pytest.mark.parametrize(
    "change",
    [
        {"master_secret": "sandbox-only-secret-never-for-production"},
        {"master_secret": "short"},
        {"rate_limits": False},
        {"sandbox": True},
        {"database_url": None},
        {"redis_url": None},
    ],
)
def test_production_refuses_what_only_a_sandbox_may_have(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**PRODUCTION, **change})


def test_the_sandbox_is_driven_in_development_unless_it_is_turned_off() -> None:
    assert Settings().has_sandbox
    assert not Settings(sandbox=False).has_sandbox
    assert not Settings(**PRODUCTION).has_sandbox


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:6379/0",
        "unix:///run/valkey.sock",
        "redis+cluster://user:secret@one:7000,two,[::1]:7002",
        "rediss+cluster://one/0?ssl_cert_reqs=none",
    ],
)
def test_redis_is_a_server_or_a_cluster(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


@pytest.mark.parametrize(
    "url",
    ["localhost:6379", "http://redis:6379", "redis+cluster://", "redis+cluster://one,,two", "redis+cluster://a/1"],
)
def test_redis_is_nothing_else(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(redis_url=url)


def test_rate_limits_are_lifted_by_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOKONI_RATE_LIMITS", "off")

    assert Settings().rate_limits is False


def test_origins_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOKONI_ALLOWED_ORIGINS", "https://a.example, https://b.example")

    assert Settings().allowed_origins == ("https://a.example", "https://b.example")


def test_no_two_purposes_share_a_key() -> None:
    settings = Settings()

    keys = {settings.key_for(purpose) for purpose in ("sealing", "digests", "page cursors", "stream cursors")}

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert settings.key_for("sealing") != Settings(master_secret="another").key_for("sealing")  # type: ignore[arg-type]  # pydantic reads text

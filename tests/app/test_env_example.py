"""`.env.example` names every setting, with the value that the sandbox uses."""

import re
from pathlib import Path

import pytest

from app.config import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOKONI_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_every_setting_is_named_once() -> None:
    named = re.findall(r"^#?(SOKONI_[A-Z0-9_]+)=", EXAMPLE.read_text(), flags=re.MULTILINE)

    assert sorted(named) == sorted(f"SOKONI_{name.upper()}" for name in Settings.model_fields)


def test_its_values_are_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE.read_text())

    by_example = Settings()
    (tmp_path / ".env").unlink()

    assert by_example == Settings()


def test_its_examples_are_accepted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(re.sub(r"^#(SOKONI_)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE))

    settings = Settings()

    assert settings.database_url == "postgresql+asyncpg://sokoni:secret@localhost:5432/sokoni"
    assert settings.metrics_port == 9100

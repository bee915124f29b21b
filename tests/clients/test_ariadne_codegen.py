"""ariadne-codegen: a typed client in Python, generated from the schema and our documents.

It wants another graphql-core than ours, so it has a folder of its own below `.venv`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.node import is_made_of, note, run
from tests.clients.scripts import DOCUMENTS, SCHEMA, Scripts
from tests.flows.market import ROOT

SOURCES = Path(__file__).with_name("ariadne")
INSTALLED = ROOT / ".venv" / "ariadne"
SECONDS = 60


@pytest.fixture(scope="session")
def ariadne() -> Path:
    """The folder that has the generator and what it needs, by its lock."""
    lock = SOURCES / "requirements.lock"
    if not is_made_of(INSTALLED, lock):
        shutil.rmtree(INSTALLED, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        chosen = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(lock))
        run((*pip, "--target", str(INSTALLED), *chosen))
        note(INSTALLED, lock)
    return INSTALLED


def test_a_generated_client_looks_listens_and_pays(scripts: Scripts, ariadne: Path, tmp_path: Path) -> None:
    shutil.copytree(SOURCES, tmp_path, dirs_exist_ok=True)
    shutil.copytree(DOCUMENTS, tmp_path / "documents")
    shutil.copy(SCHEMA, tmp_path)
    environment = {**scripts.environment, "PYTHONPATH": f"{ariadne}:{tmp_path}"}

    python(tmp_path, environment, "-m", "ariadne_codegen")
    read = json.loads(python(tmp_path, environment, "flow.py"))

    assert len(read["titles"]) == 2
    assert read["kinds"][:1] + read["kinds"][-1:] == ["WalletSnapshot", "WalletUpdated"]
    assert (read["paid"], read["amounts"], read["at"]) == ("9.75", ["9.75"], "UTC")
    assert read["refused"] == ["InsufficientFundsError"]


def python(folder: Path, environment: dict[str, str], *words: str) -> str:
    """What Python printed."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

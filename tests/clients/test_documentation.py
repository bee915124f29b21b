"""What docs/clients.md shows is what the tests run, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.clients.scripts import SOURCES
from tests.flows.market import ROOT

PAGE = ROOT / "docs" / "clients.md"
SHOWN = re.findall(r"^```(js|ts|python)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
FOLDERS = {
    "js": (SOURCES, "*.mjs"),
    "ts": (ROOT / "clients" / "typescript", "*.ts"),
    "python": (Path(__file__).parent, "*.py"),
}


@pytest.mark.parametrize(("language", "block"), SHOWN, ids=lambda shown: shown.strip().splitlines()[0][:40])
def test_each_block_is_quoted_from_what_runs(language: str, block: str) -> None:
    folder, pattern = FOLDERS[language]
    sources = [path.read_text() for path in folder.rglob(pattern) if "node_modules" not in path.parts]

    assert [source for source in sources if block in source], "no file that is run has these lines"


def test_there_are_blocks_for_every_kind_of_app() -> None:
    assert [language for language, _ in SHOWN].count("js") >= 4
    assert {language for language, _ in SHOWN} == set(FOLDERS)

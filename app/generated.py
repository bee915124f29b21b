"""The files that are made from the code: the SDL and the pages of events and money movements."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.ledger.documentation import money_page
from realtime.documentation import events_page
from resolvers.executable_schema import build_schema

ROOT: Final = Path(__file__).parents[1]


def generated_files() -> Mapping[Path, str]:
    """Each file's path and what it must hold."""
    return {
        ROOT / "schema" / "schema.graphql": build_schema().as_str() + "\n",
        ROOT / "docs" / "events.md": events_page(),
        ROOT / "docs" / "money.md": money_page(),
    }


def write_files() -> int:
    """Write all of them."""
    for path, text in generated_files().items():
        path.write_text(text)
    return 0


def check_files() -> int:
    """Name every file that does not say what the code says."""
    stale = [path for path, text in generated_files().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} is not current; run: make schema\n")
    return 1 if stale else 0

"""The documents that our own apps and our merchants send: `schema/documents/`, one operation a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "schema" / "documents"


def trusted_documents() -> list[str]:
    """Their texts, as clients send them to the letter."""
    return [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.graphql"))]

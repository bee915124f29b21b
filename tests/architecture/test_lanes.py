"""What `.ci/run` runs only once runs no operation, so nothing about it depends on who executes operations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ONCE: Final = re.search(r'^once="(.*)"$', (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
WITH_OPERATIONS: Final = re.compile(
    r"^(?:from|import) (?:app\.asgi|execution|resolvers|transport|tests\.(?:api|flows|transport))\b|SOKONI_EXECUTION",
    re.MULTILINE,
)


def folders() -> list[str]:
    assert ONCE is not None, "`.ci/run` says what runs once"
    return ONCE.group(1).split()


@pytest.mark.parametrize("folder", folders())
def test_it_runs_no_operation(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))

    assert files
    assert [str(file) for file in files if WITH_OPERATIONS.search(file.read_text())] == []

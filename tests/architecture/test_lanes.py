"""What `.ci/run` runs only once would do the same twice: it runs no operation, or compares both executions itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
RUN: Final = (ROOT / ".ci" / "run").read_text()
WITH_OPERATIONS: Final = re.compile(
    r"^(?:from|import) (?:app\.asgi|execution|resolvers|transport|tests\.(?:api|flows|transport))\b|SOKONI_EXECUTION",
    re.MULTILINE,
)
OF_THE_HOUSE: Final = re.compile(
    r"^(?:from|import) (?:app|db|domain|integrations|jobs|realtime|resolvers|schema|transport)\b|SOKONI_EXECUTION",
    re.MULTILINE,
)


def folders(name: str) -> list[str]:
    named = re.search(rf'^{name}="(.*)"$', RUN, re.MULTILINE)
    assert named is not None, f"`.ci/run` says which are `{name}`"
    return named.group(1).split()


def files_with(what: re.Pattern[str], folder: str) -> list[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    return [str(file) for file in files if what.search(file.read_text())]


@pytest.mark.parametrize("folder", folders("once"))
def test_it_runs_no_operation(folder: str) -> None:
    assert files_with(WITH_OPERATIONS, folder) == []


@pytest.mark.parametrize("folder", folders("compares"))
def test_it_knows_nothing_of_how_the_house_executes(folder: str) -> None:
    assert files_with(OF_THE_HOUSE, folder) == []

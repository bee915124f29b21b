"""The tables of faults in the documents name tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = ("mpesa.md", "mpesa-payouts.md", "cards.md")


def tests_there_are() -> frozenset[str]:
    """The names of all tests."""
    sources = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(name for source in sources for name in re.findall(r"def (test_\w+)", source))


@pytest.mark.parametrize("document", TABLES)
def test_every_fault_names_a_test_that_exists(document: str) -> None:
    text = (ROOT / "docs" / document).read_text()
    table = text[text.index("\n| fault |") :].split("\n\n")[0]
    rows = table.strip().splitlines()[2:]

    # One that differs from the row above by its parameter only is written `…[parameter]`.
    named = [re.findall(r"`(test_\w+|…\[)", row.split("|")[-2]) for row in rows]

    assert len(rows) > 10
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    assert {name for tests in named for name in tests} - {"…["} - tests_there_are() == set()

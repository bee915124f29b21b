"""The tables of faults in the documents name tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = ("mpesa.md", "mpesa-payouts.md", "cards.md")
RAILS = ("mpesa", "card", "mpesa_payout")
# One that differs from the row above by its parameter only is written `…[parameter]`.
NAME = re.compile(r"`(test_\w+|…\[)")


def rows_of(document: str) -> list[list[str]]:
    """The cells of the table of faults."""
    text = (ROOT / "docs" / document).read_text()
    table = text[text.index("\n| fault |") :].split("\n\n")[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.strip().splitlines()[2:]]


def names_in(pattern: str) -> frozenset[str]:
    """The names of the tests in these files, and the mark of a parameter."""
    sources = (path.read_text() for path in (ROOT / "tests").rglob(pattern))
    names = [name for source in sources for name in re.findall(r"def (test_\w+)", source)]
    return frozenset([*names, "…["])


@pytest.mark.parametrize("document", TABLES)
def test_every_fault_names_a_test_that_exists(document: str) -> None:
    rows = rows_of(document)

    named = [NAME.findall(row[-1]) for row in rows]

    assert len(rows) > 10
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    assert {name for tests in named for name in tests} - names_in("test_*.py") == set()


def test_every_cell_of_the_table_of_all_rails_names_a_test_of_that_rail() -> None:
    rows = rows_of("faults.md")

    for column, rail in enumerate(RAILS, start=1):
        cells = [row[column] for row in rows if row[column] != "–"]
        named = [name for cell in cells for name in NAME.findall(cell)]
        assert len(named) == len(cells) > 10
        assert set(named) - names_in(f"test_{rail}*.py") == set()

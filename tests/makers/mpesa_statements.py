"""Statements as M-Pesa's portal exports them."""

from __future__ import annotations

import csv
import io
from typing import Final

from integrations.sandbox.daraja_statement import COLUMNS, REASON

OURS: Final = "pyo_01M3QZ8V7N4T2B6C9D5E0F1G2H"
AT: Final = "20-11-2026 17:05:09"
_PLACES: Final = {
    "receipt": 0,
    "at": 1,
    "details": 3,
    "status": 4,
    "paid_in": 5,
    "withdrawn": 6,
    "reason": 9,
    "linked": 11,
    "account": 12,
}


def row(receipt: str, **said: str) -> tuple[str, ...]:
    """A line of the table: completed on a day in November unless it says otherwise."""
    blank = ("", AT, AT, "", "Completed", "", "", "1,000,000.00", "true", REASON, "", "", "")
    return changed(blank, receipt=receipt, **said)


def paid_row(receipt: str, amount: str, *, name: str = "") -> tuple[str, ...]:
    """A payment to a phone, which M-Pesa says under this name of ours."""
    told = f" Original conversation ID is {name}." if name else ""
    details = f"Business Payment to 2547****149 - JOHN DOE via API.{told}"
    return row(receipt, details=details, withdrawn=f"-{amount}")


def changed(line: tuple[str, ...], **said: str) -> tuple[str, ...]:
    """The same line, saying this."""
    cells = list(line)
    for name, value in said.items():
        cells[_PLACES[name]] = value
    return tuple(cells)


def mpesa_csv(*rows: tuple[str, ...]) -> str:
    """A whole file, with the lines that stand before the table."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerows((("Organization Name:", "Sokoni"), ("Short Code:", "600000"), (), COLUMNS, *rows))
    return table.getvalue()

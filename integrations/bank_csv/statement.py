"""A statement as a table, for banks that answer with one: the columns by their names, in any order."""

from __future__ import annotations

import csv
import io
from typing import Final

from domain.payouts.statement import LineKind, SaidLine
from integrations.statement_fields import amount_of, day_of, fault, number_of, reference_of, words_of

COLUMNS: Final = ("reference", "number", "amount", "currency", "booked_on", "status", "reason")


def lines_of(text: str) -> list[SaidLine]:
    """Every line of the table; `status` is PAID, REFUSED or RETURNED.

    Raises:
        InvalidInput: at `file`, columns are missing, or a line is not whole.
    """
    try:
        table = csv.DictReader(io.StringIO(text), strict=True)
        if not set(COLUMNS) <= {name.strip() for name in table.fieldnames or ()}:
            raise fault(f"needs the columns {', '.join(COLUMNS)}")
        return [_line({(name or "").strip(): value for name, value in row.items()}) for row in table]
    except csv.Error:
        raise fault("is no table of comma-separated values") from None


def _line(row: dict[str, object]) -> SaidLine:
    said = {name: " ".join(str(row[name] or "").split()) for name in COLUMNS}
    if said["status"] not in LineKind.__members__:
        raise fault("has a line whose status is none of PAID, REFUSED and RETURNED")
    return SaidLine(
        kind=LineKind[said["status"]],
        reference=reference_of(said["reference"]),
        # A bank that refuses a payment often gives it no number of its own.
        number=number_of(said["number"] or (said["reference"] if said["status"] == LineKind.REFUSED else "")),
        amount=amount_of(said["amount"], said["currency"]),
        booked_on=day_of(said["booked_on"]),
        words=words_of(said["reason"]),
    )

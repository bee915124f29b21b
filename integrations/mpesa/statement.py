"""The organisation's statement as M-Pesa's portal exports it, as a table.

Some lines about the organisation stand before the table, whose newest line is mostly its first; times are of East
Africa, written `20-11-2026 17:05:09` or `2026-11-20 17:05:09`; amounts have commas, and what was withdrawn mostly a
minus. The charge of a payment is a line of its own under the payment's receipt number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from domain.ids import IdKind
from domain.money import Asset, Money
from domain.payouts.statement import LineKind, SaidLine, SaidStatement
from integrations.mpesa.account import EAST_AFRICA
from integrations.mpesa.b2c_results import COMPLETED, NOT_DONE
from integrations.statement_fields import amount_of, fault, number_of, refuse_doubles, text_of, words_of

RECEIPT, STATUS, REASON = "Receipt No.", "Transaction Status", "Reason Type"
COMPLETED_AT, DETAILS, PAID_IN, WITHDRAWN = "Completion Time", "Details", "Paid In", "Withdrawn"
LINKED, ACCOUNT, CURRENCY = "Linked Transaction ID", "A/C No.", "Currency"
NEEDED: Final = (RECEIPT, COMPLETED_AT, DETAILS, STATUS, PAID_IN, WITHDRAWN, REASON, LINKED, ACCOUNT)
# The portal writes six lines before the table.
ROWS_BEFORE_MAX: Final = 30
# Far more than the lines of a statement with their charges; a file could have millions.
ROWS_MAX: Final = 50_000
_TIME: Final = re.compile(r"(?:(\d{2})-(\d{2})-(20\d{2})|(20\d{2}-\d{2}-\d{2})) (\d{2}:\d{2}(?::\d{2})?)", re.ASCII)
_AMOUNT: Final = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?", re.ASCII)
_CHARGE: Final = re.compile(r"\b(?:charges?|fees?)\b(?! paid)", re.IGNORECASE)
# Of a payment the details name a phone and a person, who may be called Charge.
_CHARGE_ALONE: Final = re.compile(r"(?!.*(?:\d{4}|\*)).*\bcharges?", re.IGNORECASE)
_OUR_NAME: Final = re.compile(rf"\b{IdKind.PAYOUT.prefix}[0-9A-HJKMNP-TV-Z]{{26}}\b", re.ASCII | re.IGNORECASE)

_Row = dict[str, str]


class MpesaStatement:
    """See the port `StatementReader`."""

    def read(self, content: bytes) -> SaidStatement:
        rows = _rows(text_of(content))
        told = [(_at(row), line) for row in _table(rows) if (line := _line(row)) is not None]
        # What left in the minute in which it came back left first.
        told.sort(key=lambda each: (each[0], each[1].kind is LineKind.RETURNED))
        lines = refuse_doubles([line for _, line in told])
        # An export can be of what came in alone, which says nothing about payments.
        left = [at for at, line in told if line.kind is LineKind.PAID]
        return SaidStatement(lines, left[0], left[-1]) if left else SaidStatement(lines)


def _rows(text: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        yield from islice(rows, ROWS_MAX)
        if next(rows, None) is not None:
            raise fault(f"has more than {ROWS_MAX} rows")
    except csv.Error:
        raise fault("is no table of comma-separated values") from None


def _table(rows: Iterator[list[str]]) -> Iterable[_Row]:
    for row in islice(rows, ROWS_BEFORE_MAX):
        names = [" ".join(cell.split()) for cell in row]
        if set(NEEDED) <= set(names):
            return (_cells(names, below) for below in rows if any(cell.strip() for cell in below))
    raise fault(f"needs the columns {', '.join(NEEDED)}")


def _cells(names: list[str], row: list[str]) -> _Row:
    cells = [" ".join(cell.split()) for cell in row]
    # A comma of an amount that nobody quoted moves every column behind it.
    if any(cells[len(names) :]):
        raise fault("has a line with more columns than its table")
    return dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=False))


def _line(row: _Row) -> SaidLine | None:
    """What it says about a payment; None where it says nothing that a payout could have done."""
    status, is_total = row[STATUS], not row[RECEIPT] and not row[STATUS]
    if is_total or _CHARGE.search(row[REASON]) or _CHARGE_ALONE.fullmatch(row[DETAILS]):
        return None
    if row.get(CURRENCY, "") not in ("", Asset.KES.code):
        raise fault("names another currency than shillings")
    paid_in, withdrawn = _amount(row[PAID_IN]), _amount(row[WITHDRAWN])
    if paid_in and withdrawn:
        raise fault("has a line on which money both comes and leaves")
    if status == COMPLETED and withdrawn:
        return _said(row, LineKind.PAID, withdrawn, payment=row[RECEIPT])
    if status == COMPLETED and paid_in and (row[LINKED] or "revers" in f"{row[REASON]} {row[DETAILS]}".casefold()):
        return _said(row, LineKind.RETURNED, paid_in, payment=row[LINKED])
    # What did not leave and names nothing of ours is nobody's.
    if status in NOT_DONE and withdrawn and _our_name(row):
        return _said(row, LineKind.REFUSED, withdrawn, payment=row[RECEIPT], words=f"{status}: M-Pesa did not pay it.")
    if status == COMPLETED and not paid_in:
        raise fault("has a completed line without an amount")
    return None


def _said(row: _Row, kind: LineKind, amount: Money, *, payment: str, words: str | None = None) -> SaidLine:
    return SaidLine(
        kind=kind,
        reference=_our_name(row),
        number=number_of(row[RECEIPT]),
        payment_number=number_of(payment) if payment else None,
        amount=amount,
        booked_on=_at(row).date(),
        words=words_of(row[REASON]) if words is None else words,
    )


def _our_name(row: _Row) -> str | None:
    """The payout that it names; none where it names several."""
    found: set[str] = {name.casefold() for name in _OUR_NAME.findall(" ".join(row.values()))}
    if len(found) != 1:
        return None
    prefix = IdKind.PAYOUT.prefix
    return prefix + found.pop().removeprefix(prefix).upper()


def _amount(text: str) -> Money | None:
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise fault("has an amount that is no number such as 1,234.00")
    digits = text.replace(",", "").removeprefix("-")
    return amount_of(digits, Asset.KES.code) if digits.strip("0.") else None


def _at(row: _Row) -> datetime:
    """When it was done, by M-Pesa's clock."""
    match = _TIME.fullmatch(row[COMPLETED_AT])
    if match is not None:
        day, month, year, whole, time = match.groups()
        try:
            return datetime.fromisoformat(f"{whole or f'{year}-{month}-{day}'} {time}").replace(tzinfo=EAST_AFRICA)
        except ValueError:
            pass
    raise fault("has a line without a time such as 20-11-2026 17:05:09")

"""M-Pesa's own statement: what left and what came back is read as it is written, and nothing else is a statement."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.errors import InvalidInput
from domain.money import Asset, Money
from domain.payouts.statement import LineKind, SaidLine
from integrations.mpesa.statement import ROWS_MAX, MpesaStatement
from tests.makers.mpesa_statements import OURS, changed, mpesa_csv, paid_row, row

DAY = date(2026, 11, 20)
REASON = "Business Payment to Customer via API"


def read(text: str) -> list[SaidLine]:
    return list(MpesaStatement().read(text.encode()).lines)


def said(
    kind: LineKind, number: str, minor: int, *, reference: str | None = None, payment: str | None = None, words: str
) -> SaidLine:
    return SaidLine(
        kind=kind,
        reference=reference,
        number=number,
        amount=Money(minor, Asset.KES),
        booked_on=DAY,
        words=words,
        payment_number=payment,
    )


def test_what_left_and_what_came_back_is_read_and_nothing_else() -> None:
    text = mpesa_csv(
        row("TKK3", details=f"Reversal of {OURS}", paid_in="50.00", reason="Reversal", linked="tkk1"),
        row("TKK2", details="B2C Payment Charge", withdrawn="-22.40", reason="B2C Payment Charge"),
        row("TKK2", details="Business Payment to 2547****149 - FAITH CHARGE", withdrawn="-1,234.00"),
        row("TKK4", details=f"Business Payment. Original conversation ID is {OURS.lower()}.", withdrawn="-50.00"),
        row("TKK5", details=f"Business Payment {OURS}", withdrawn="-60.00", status="Failed"),
        row("TKK6", details="Business Payment", withdrawn="-60.00", status="Failed"),
        row("TKK7", details=f"Business Payment {OURS}", withdrawn="-60.00", status="Pending"),
        row("TKK8", details="Pay Bill from 2547****149", paid_in="1,000.00", reason="Pay Utility"),
        row(
            "TKK9", details="Settlement", withdrawn="120,000.00", reason="Withdraw Funds to Bank", at="2026-11-20 23:59"
        ),
        row("", details="Totals", status="", at="", paid_in="1,050.00", withdrawn="121,234.00"),
        (),
    )

    assert read("\ufeff" + text) == [
        said(LineKind.PAID, "TKK2", 123_400, payment="TKK2", words=REASON),
        said(LineKind.PAID, "TKK4", 5_000, reference=OURS, payment="TKK4", words=REASON),
        said(
            LineKind.REFUSED,
            "TKK5",
            6_000,
            reference=OURS,
            payment="TKK5",
            words="Failed: M-Pesa did not pay it.",
        ),
        said(LineKind.RETURNED, "TKK3", 5_000, reference=OURS, payment="TKK1", words="Reversal"),
        said(LineKind.PAID, "TKK9", 12_000_000, payment="TKK9", words="Withdraw Funds to Bank"),
    ]


def test_what_happened_first_is_told_first_though_the_portal_writes_the_newest_line_first() -> None:
    back = row("TKK3", details=f"Reversal of {OURS}", paid_in="50.00", linked="TKK1", at="21-11-2026 00:00:01")
    late = changed(GOOD, receipt="TKK2", at="2026-11-20 23:59")

    assert [line.number for line in read(mpesa_csv(back, late, GOOD))] == ["TKK1", "TKK2", "TKK3"]
    at_once = changed(back, at=late[1])
    assert [line.number for line in read(mpesa_csv(at_once, late, GOOD))] == ["TKK1", "TKK2", "TKK3"]


def test_it_tells_of_payments_from_its_oldest_to_its_newest_one() -> None:
    back = row("TKK3", details=f"Reversal of {OURS}", paid_in="50.00", linked="TKK1", at="20-11-2026 23:00:00")
    late = changed(GOOD, receipt="TKK2", at="2026-11-20 18:00")

    whole = MpesaStatement().read(mpesa_csv(back, late, GOOD).encode())
    of_what_came = MpesaStatement().read(mpesa_csv(back).encode())

    assert (whole.tells_from, whole.tells_until) == (
        datetime(2026, 11, 20, 14, 5, 9, tzinfo=UTC),
        datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
    )
    assert (len(of_what_came.lines), of_what_came.tells_from, of_what_came.tells_until) == (1, None, None)


def test_a_line_that_names_several_payouts_names_none() -> None:
    other = f"{OURS[:-1]}Z"

    [line] = read(mpesa_csv(row("TKK1", details=f"Business Payment {OURS} {other}", withdrawn="-50.00")))

    assert (line.reference, line.payment_number) == (None, "TKK1")


def test_columns_are_found_by_their_names_wherever_the_table_begins() -> None:
    text = mpesa_csv(paid_row("TKK1", "50.00"))
    header = text.index("Receipt No.")

    assert read(text[header:]) == read(text) == read("Sokoni\n" * 20 + text[header:])
    with_currency = "\n".join(
        f"{line},{'Currency' if line.startswith('Receipt') else 'KES'}" for line in text[header:].strip().split("\r\n")
    )
    assert read(with_currency) == read(text)


GOOD = paid_row("TKK1", "50.00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Receipt No.,Details\nTKK1,Business Payment\n",
        "Sokoni\n" * 31 + mpesa_csv(GOOD),
        mpesa_csv(GOOD).replace("Withdrawn", "Gone"),
        mpesa_csv(changed(GOOD, at="11/20/2026 17:05")),
        mpesa_csv(changed(GOOD, at="31-02-2026 17:05:09")),
        mpesa_csv(changed(GOOD, at="20-11-2026 24:05:09")),
        mpesa_csv(changed(GOOD, at="0001-01-01 00:00:00")),
        mpesa_csv(changed(GOOD, at="")),
        mpesa_csv(changed(GOOD, withdrawn="-50.005")),
        mpesa_csv(changed(GOOD, withdrawn="-5,0.00")),
        mpesa_csv(changed(GOOD, withdrawn="KES 50")),
        mpesa_csv(changed(GOOD, withdrawn="-1e9")),
        mpesa_csv(changed(GOOD, withdrawn=f"-{'9' * 30}")),
        mpesa_csv(changed(GOOD, withdrawn="")),
        mpesa_csv(changed(GOOD, withdrawn="0.00")),
        mpesa_csv(changed(GOOD, paid_in="50.00")),
        mpesa_csv(changed(GOOD, receipt="")),
        mpesa_csv(changed(GOOD, receipt="TK\x00K1")),
        mpesa_csv(changed(GOOD, receipt="T" * 65)),
        mpesa_csv(GOOD, changed(GOOD, withdrawn="-60.00")),
        mpesa_csv((*GOOD, "00")),
        mpesa_csv(GOOD).replace("A/C No.", "A/C No.,Currency").replace("\r\nTKK1", "\r\n") + "TKK1,,,,,,1,,,,,,,USD",
        mpesa_csv(GOOD) + '"TKK2',
        mpesa_csv(GOOD) + "TKK2\n" * ROWS_MAX,
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text)

    assert {fault.path[0] for fault in refused.value.faults} == {"file"}


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput):
        MpesaStatement().read(b"\x89PNG\r\n\x1a\n\xff")

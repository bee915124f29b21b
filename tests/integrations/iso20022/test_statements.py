"""What banks answer: camt.053 as versions 2 and 8 write it, a table, and files that are neither."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import InvalidInput
from domain.money import Asset, Money
from domain.payouts.statement import LineKind, SaidLine
from integrations.bank_statements import BankStatementFormats
from tests.makers.statements import camt, csv_of, details, entry

DAY = date(2026, 11, 20)


def read(text: str) -> list[SaidLine]:
    return list(BankStatementFormats().read(text.encode()).lines)


def said(kind: LineKind, number: str, reference: str | None, minor: int, words: str = "") -> SaidLine:
    amount = Money(minor, Asset.KES)
    return SaidLine(kind=kind, reference=reference, number=number, amount=amount, booked_on=DAY, words=words)


@pytest.mark.parametrize("version", [2, 4, 8])
def test_what_left_and_what_came_back_is_read_and_nothing_else(version: int) -> None:
    text = camt(
        entry("100.00", details("pyo_1"), number="FT 1a", version=version),
        entry("30.00", details("pyo_2", "10.00", number="T1") + details("pyo_3", "20.00"), number="FT2"),
        entry("100.00", details("pyo_1", returned="AC04"), number="FT3", sign="CRDT", version=version),
        entry("5.00", details("pyo_4"), number="FT4", status="PDNG", version=version),
        entry("7.00", details("pyo_5"), number="FT5", sign="CRDT", version=version),
        entry("2.50", "", number="FEE1", version=version),
        entry("1.00", details("NOTPROVIDED"), number="FT6", version=version),
        version=version,
    )

    assert read(text) == [
        said(LineKind.PAID, "FT1A", "pyo_1", 10_000),
        said(LineKind.PAID, "T1", "pyo_2", 1_000),
        said(LineKind.PAID, "FT2/2", "pyo_3", 2_000),
        said(LineKind.RETURNED, "FT3", "pyo_1", 10_000, "AC04"),
        said(LineKind.PAID, "FEE1", None, 250),
        said(LineKind.PAID, "FT6", None, 100),
    ]


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    text = csv_of(
        ("pyo_1", "ft 1", "100.00", "KES", "2026-11-20", "PAID", ""),
        ("pyo_2", "", "10.00", "KES", "2026-11-20", "REFUSED", "no such\naccount"),
        ("pyo_1", "FT9", "100.00", "KES", "2026-11-20", "RETURNED", "closed"),
    )

    assert read("\ufeff" + text) == [
        said(LineKind.PAID, "FT1", "pyo_1", 10_000),
        said(LineKind.REFUSED, "PYO_2", "pyo_2", 1_000, "no such account"),
        said(LineKind.RETURNED, "FT9", "pyo_1", 10_000, "closed"),
    ]


GOOD = ("pyo_1", "FT1", "100.00", "KES", "2026-11-20", "PAID", "")


@pytest.mark.parametrize(
    "text",
    [
        "<Document/>",
        "<Document",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><Document>&b;</Document>",
        camt(entry("100.00", details("pyo_1"), number="FT1"), version=9),
        camt(entry("100.00", details("pyo_1"), number="")),
        camt(entry("100,00", details("pyo_1"), number="FT1")),
        camt(entry("-1.00", details("pyo_1"), number="FT1")),
        camt(entry("1.005", details("pyo_1"), number="FT1")),
        camt(entry("1.00", details("pyo_1"), number="FT1", currency="GBP")),
        camt(entry("1.00", details("pyo_1"), number="FT1", day="soon")),
        camt(entry("30.00", details("pyo_2") + details("pyo_3"), number="FT2")),
        camt(entry("1.00", details("a"), number="FT1"), entry("2.00", details("b"), number="ft 1")),
        "reference,number\npyo_1,FT1\n",
        csv_of((*GOOD[:1], "", *GOOD[2:])),
        csv_of((*GOOD[:5], "SENT", "")),
        csv_of((*GOOD[:2], "0", *GOOD[3:])),
        csv_of(GOOD[:4]),
        csv_of(GOOD, GOOD),
        csv_of(("pyo\x00_1", *GOOD[1:])),
        csv_of((*GOOD[:6], "no such\x00account")),
        csv_of(("p" * 141, *GOOD[1:])),
        camt(entry("1.00", details("p" * 141), number="FT1")),
        'reference,number,amount,currency,booked_on,status,reason\n"pyo_1',
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text)

    assert {fault.path[0] for fault in refused.value.faults} == {"file"}


def test_a_reason_is_kept_as_far_as_it_is_shown() -> None:
    [returned] = read(camt(entry("1.00", details("pyo_1", returned="A" * 300), number="FT1", sign="CRDT")))
    [refused] = read(csv_of((*GOOD[:5], "REFUSED", "B" * 300)))

    assert (returned.words, refused.words) == ("A" * 200, "B" * 200)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput):
        BankStatementFormats().read(b"\x89PNG\r\n\x1a\n\xff")

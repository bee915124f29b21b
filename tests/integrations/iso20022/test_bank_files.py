"""What banks are given: the elements of pain.001.001.03 in their order, and a table that spreadsheets read."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID
from xml.etree import ElementTree

import pytest

from domain.ids import BankFileId
from domain.money import Asset, Money
from domain.payouts.bank_account import BankAccount
from domain.payouts.bank_file import BankFileFormat, BankOrder, BankPayment
from integrations.bank_files import BankFileFormats

NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"


@pytest.fixture
def order() -> BankOrder:
    paid = (
        BankPayment("pyo_1", Money(129_250, Asset.EUR), BankAccount("EQBLKENA", "0100765432", "Amina <& Co>")),
        BankPayment("pyo_2", Money(5, Asset.EUR), BankAccount("COBADEFF", "DE89370400440532013000", "K. Kamau")),
    )
    return BankOrder(
        file_id=BankFileId(UUID(int=7)),
        debtor=BankAccount("KCBLKENX", "0200", "Sokoni Ltd"),
        made_at=datetime(2026, 11, 20, 22, 30, tzinfo=UTC),
        execute_on=date(2026, 11, 21),
        total=Money(129_255, Asset.EUR),
        payments=paid,
    )


def flat(element: ElementTree.Element, way: str = "") -> list[tuple[str, str]]:
    here = f"{way}/{element.tag.removeprefix(NAMESPACE)}".removeprefix("/")
    text = (element.text or "").strip()
    return ([(here, text)] if text else []) + [leaf for child in element for leaf in flat(child, here)]


def test_a_document_says_who_pays_whom_how_much_and_when(order: BankOrder) -> None:
    written = BankFileFormats().write(order, format=BankFileFormat.PAIN_001)

    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    root = ElementTree.fromstring(written)
    leaves = [(way.removeprefix("Document/CstmrCdtTrfInitn/"), text) for way, text in flat(root)]
    name = "bnf_00000000000000000000000007"
    assert leaves[:16] == [
        ("GrpHdr/MsgId", name),
        ("GrpHdr/CreDtTm", "2026-11-20T22:30:00Z"),
        ("GrpHdr/NbOfTxs", "2"),
        ("GrpHdr/CtrlSum", "1292.55"),
        ("GrpHdr/InitgPty/Nm", "Sokoni Ltd"),
        ("PmtInf/PmtInfId", name),
        ("PmtInf/PmtMtd", "TRF"),
        ("PmtInf/BtchBookg", "false"),
        ("PmtInf/NbOfTxs", "2"),
        ("PmtInf/CtrlSum", "1292.55"),
        ("PmtInf/ReqdExctnDt", "2026-11-21"),
        ("PmtInf/Dbtr/Nm", "Sokoni Ltd"),
        ("PmtInf/DbtrAcct/Id/Othr/Id", "0200"),
        ("PmtInf/DbtrAcct/Ccy", "EUR"),
        ("PmtInf/DbtrAgt/FinInstnId/BIC", "KCBLKENX"),
        ("PmtInf/ChrgBr", "SHAR"),
    ]
    assert [(way.removeprefix("PmtInf/CdtTrfTxInf/"), text) for way, text in leaves[16:23]] == [
        ("PmtId/InstrId", "pyo_1"),
        ("PmtId/EndToEndId", "pyo_1"),
        ("Amt/InstdAmt", "1292.50"),
        ("CdtrAgt/FinInstnId/BIC", "EQBLKENA"),
        ("Cdtr/Nm", "Amina <& Co>"),
        ("CdtrAcct/Id/Othr/Id", "0100765432"),
        ("RmtInf/Ustrd", "pyo_1"),
    ]
    assert ("PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN", "DE89370400440532013000") in leaves
    assert [each.get("Ccy") for each in root.iter(f"{NAMESPACE}InstdAmt")] == ["EUR", "EUR"]


def test_a_table_has_a_line_for_each_payout(order: BankOrder) -> None:
    written = BankFileFormats().write(order, format=BankFileFormat.CSV)

    lines = list(csv.DictReader(io.StringIO(written)))
    assert [(line["reference"], line["account"], line["amount"], line["holder"]) for line in lines] == [
        ("pyo_1", "0100765432", "1292.50", "Amina <& Co>"),
        ("pyo_2", "DE89370400440532013000", "0.05", "K. Kamau"),
    ]
    assert {(line["currency"], line["execute_on"], line["from_account"]) for line in lines} == {
        ("EUR", "2026-11-21", "0200")
    }


def test_the_same_order_is_written_to_the_same_letter(order: BankOrder) -> None:
    for format in BankFileFormat:
        assert BankFileFormats().write(order, format=format) == BankFileFormats().write(order, format=format)

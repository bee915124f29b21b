"""camt.053, BankToCustomerStatement, of versions 2 to 8: what left the market's account, and what came back.

Source: ISO 20022 message definition report "Bank-to-Customer Cash Management". An entry has details of one or several
transactions; what was asked for comes back as EndToEndId, the bank's own number is AcctSvcrRef.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from domain.money import Money
from domain.payouts.statement import LineKind, SaidLine
from integrations.statement_fields import amount_of, day_of, fault, number_of, reference_of, words_of

_NAMESPACE: Final = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.0[2-8]\}Document")
NOT_PROVIDED: Final = "NOTPROVIDED"  # what EPC guidelines write where there is no EndToEndId
BOOKED: Final = "BOOK"


def lines_of(text: str) -> list[SaidLine]:
    """Booked entries that took money from the account, and those that brought such money back. What else came in is
    not about payouts.

    Raises:
        InvalidInput: at `file`, no such statement.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise fault("must be XML without a document type")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise fault("is no XML") from None
    if not _NAMESPACE.fullmatch(root.tag):
        raise fault("is no camt.053 statement of version 2 to 8")
    return [line for entry in root.iterfind("{*}BkToCstmrStmt/{*}Stmt/{*}Ntry") for line in _entry_lines(entry)]


def _entry_lines(entry: Element) -> Iterator[SaidLine]:
    status = _text(entry, "Sts") or _text(entry, "Sts/Cd")
    details = entry.findall("{*}NtryDtls/{*}TxDtls") or [entry]
    is_debit = _text(entry, "CdtDbtInd") == "DBIT"
    if status != BOOKED:
        return
    for place, detail in enumerate(details):
        has_come_back = detail.find("{*}RtrInf") is not None or _text(entry, "RvslInd") == "true"
        if not is_debit and not has_come_back:
            continue
        yield SaidLine(
            kind=LineKind.PAID if is_debit else LineKind.RETURNED,
            reference=_reference(detail),
            number=_number(entry, detail, place=place if len(details) > 1 else None),
            amount=_amount(entry, detail, is_alone=len(details) == 1),
            booked_on=day_of(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10]),
            words=words_of(_text(detail, "RtrInf/AddtlInf") or _text(detail, "RtrInf/Rsn/Cd")),
        )


def _reference(detail: Element) -> str | None:
    said = _text(detail, "Refs/EndToEndId")
    return reference_of(said) if said != NOT_PROVIDED else None


def _number(entry: Element, detail: Element, *, place: int | None) -> str:
    """The transaction's own number; that of its entry, with its place where an entry has several transactions."""
    own = _text(detail, "Refs/AcctSvcrRef") or _text(detail, "Refs/TxId")
    shared = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    if not own and shared:
        own = shared if place is None else f"{shared}/{place + 1}"
    return number_of(own)


def _amount(entry: Element, detail: Element, *, is_alone: bool) -> Money:
    ways = ("{*}Amt", "{*}AmtDtls/{*}TxAmt/{*}Amt")
    found = next((amount for way in ways if (amount := detail.find(way)) is not None), None)
    if found is None and is_alone:
        found = entry.find("{*}Amt")
    if found is None:
        raise fault("has an entry of several transactions that do not say their amounts")
    return amount_of((found.text or "").strip(), found.get("Ccy", ""))


def _text(parent: Element, way: str) -> str:
    found = parent.find("/".join(f"{{*}}{step}" for step in way.split("/")))
    return (found.text or "").strip() if found is not None else ""

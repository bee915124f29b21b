"""pain.001.001.03, CustomerCreditTransferInitiation: one payment block from one account.

Source: ISO 20022 message definition report "Payments Initiation", version 2009, whose elements stand in this order.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from domain.payouts.bank_account import BankAccount
from domain.payouts.bank_file import BankOrder, BankPayment

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"


def written(order: BankOrder) -> str:
    """The whole document. Every transfer carries the payout's name as EndToEndId, which the bank repeats."""
    document = Element("Document", xmlns=NAMESPACE)
    initiation = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", order.name)
    _text(header, "CreDtTm", order.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _sums(header, order)
    _text(SubElement(header, "InitgPty"), "Nm", order.debtor.holder)
    block = SubElement(initiation, "PmtInf")
    _text(block, "PmtInfId", order.name)
    _text(block, "PmtMtd", "TRF")
    # One entry on the statement for each transfer: each has a number of the bank's own.
    _text(block, "BtchBookg", "false")
    _sums(block, order)
    _text(block, "ReqdExctnDt", order.execute_on.isoformat())
    _text(SubElement(block, "Dbtr"), "Nm", order.debtor.holder)
    _account(SubElement(block, "DbtrAcct"), order.debtor)
    _text(block[-1], "Ccy", order.total.asset.code)
    _bank(SubElement(block, "DbtrAgt"), order.debtor)
    _text(block, "ChrgBr", "SHAR")
    for payment in order.payments:
        _transfer(SubElement(block, "CdtTrfTxInf"), payment)
    ElementTree.indent(document)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(document, encoding="unicode")}\n'


def _transfer(transfer: Element, payment: BankPayment) -> None:
    names = SubElement(transfer, "PmtId")
    _text(names, "InstrId", payment.name)
    _text(names, "EndToEndId", payment.name)
    amount = _text(SubElement(transfer, "Amt"), "InstdAmt", payment.amount.amount)
    amount.set("Ccy", payment.amount.asset.code)
    _bank(SubElement(transfer, "CdtrAgt"), payment.to)
    _text(SubElement(transfer, "Cdtr"), "Nm", payment.to.holder)
    _account(SubElement(transfer, "CdtrAcct"), payment.to)
    _text(SubElement(transfer, "RmtInf"), "Ustrd", payment.name)


def _sums(parent: Element, order: BankOrder) -> None:
    _text(parent, "NbOfTxs", str(len(order.payments)))
    _text(parent, "CtrlSum", order.total.amount)


def _account(parent: Element, account: BankAccount) -> None:
    number = SubElement(parent, "Id")
    if account.is_iban:
        _text(number, "IBAN", account.number)
    else:
        _text(SubElement(number, "Othr"), "Id", account.number)


def _bank(parent: Element, account: BankAccount) -> None:
    _text(SubElement(parent, "FinInstnId"), "BIC", account.bic)


def _text(parent: Element, tag: str, text: str) -> Element:
    child = SubElement(parent, tag)
    child.text = text
    return child

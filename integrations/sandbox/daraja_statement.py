"""The organisation's statement of the Daraja-shaped server, as M-Pesa's portal exports it: the newest line first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from integrations.mpesa.account import EAST_AFRICA
from integrations.sandbox.daraja_payout_bodies import PhonePayment

COLUMNS: Final = (
    "Receipt No.",
    "Completion Time",
    "Initiation Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "Balance Confirmed",
    "Reason Type",
    "Other Party Info",
    "Linked Transaction ID",
    "A/C No.",
)
OPENING: Final = 5_000_000
FEE: Final = "B2C Payment Charge"
REASON: Final = "Business Payment to Customer via API"
_FEE_SHILLINGS: Final = 22


def statement_of(payments: Iterable[PhonePayment], *, short_code: str, at: datetime) -> str:
    """What was decided by now."""
    table = io.StringIO()
    writer = csv.writer(table)
    day = at.astimezone(EAST_AFRICA).strftime("%d-%m-%Y")
    writer.writerows(
        (
            ("Organization Name:", "Sokoni"),
            ("Short Code:", short_code),
            ("Account:", "Utility Account"),
            ("Operator:", "sandbox"),
            ("Time Period:", f"{day} - {day}"),
            (),
            COLUMNS,
        )
    )
    decided = [payment for payment in payments if payment.decided_at is not None and payment.decided_at <= at]
    writer.writerows(reversed(list(_rows(decided))))
    return table.getvalue()


def _rows(payments: Iterable[PhonePayment]) -> Iterator[tuple[str, ...]]:
    balance = OPENING
    for payment in payments:
        assert payment.decided_at is not None, "it was decided"
        amount, party = int(payment.body["Amount"]), f"{payment.body['PartyB']} - JOHN DOE"
        details = f"Business Payment to {party} via API. Original conversation ID is {payment.name}."
        is_done = payment.code == "0"
        for left, what, whose in ((amount, details, party), (_FEE_SHILLINGS, FEE, "")) if is_done else ():
            balance -= left
            yield _row(payment, what, "Completed", left, balance, whose)
        if not is_done:
            yield _row(payment, details, "Failed", amount, balance, party)


def _row(payment: PhonePayment, details: str, status: str, left: int, balance: int, party: str) -> tuple[str, ...]:
    assert payment.decided_at is not None, "it was decided"
    at = payment.decided_at.astimezone(EAST_AFRICA).strftime("%d-%m-%Y %H:%M:%S")
    reason = FEE if details == FEE else REASON
    return (
        payment.receipt,
        at,
        at,
        details,
        status,
        "",
        f"{-left:,}.00",
        f"{balance:,}.00",
        "true",
        reason,
        party,
        "",
        "",
    )

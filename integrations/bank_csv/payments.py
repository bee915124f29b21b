"""A bank file as a table: for banks whose portal takes one, and for clerks who read it."""

from __future__ import annotations

import csv
import io
from typing import Final

from domain.payouts.bank_file import BankOrder

COLUMNS: Final = ("reference", "bic", "account", "holder", "amount", "currency", "execute_on", "from_account")


def written(order: BankOrder) -> str:
    """Every field in quotes, so that numbers keep their leading zeros; lines end as RFC 4180 says."""
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for payment in order.payments:
        to, amount = payment.to, payment.amount
        names = (payment.name, to.bic, to.number, to.holder, amount.amount, amount.asset.code)
        writer.writerow((*names, order.execute_on.isoformat(), order.debtor.number))
    return table.getvalue()

"""Files for the market's bank, in the format that finance asks for."""

from __future__ import annotations

from domain.payouts.bank_file import BankFileFormat, BankOrder
from integrations.bank_csv import payments
from integrations.iso20022 import pain001


class BankFileFormats:
    """See the port."""

    def write(self, order: BankOrder, *, format: BankFileFormat) -> str:
        return pain001.written(order) if format is BankFileFormat.PAIN_001 else payments.written(order)

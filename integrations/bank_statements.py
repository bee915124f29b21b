"""Statements of the market's bank, in whichever of its formats they come."""

from __future__ import annotations

from domain.payouts.statement import SaidLine
from integrations.bank_csv import statement
from integrations.iso20022 import camt053
from integrations.statement_fields import fault


class BankStatementFormats:
    """See the port: camt.053 where the file is XML, else a table."""

    def read(self, content: bytes) -> list[SaidLine]:
        try:
            text = content.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise fault("must be text in UTF-8") from None
        lines = camt053.lines_of(text) if text.startswith("<") else statement.lines_of(text)
        payments = [(line.kind, line.number) for line in lines]
        if len(set(payments)) < len(payments):
            raise fault("says two payments under one number")
        return lines

"""Statements of the market's bank, in whichever of its formats they come."""

from __future__ import annotations

from domain.payouts.statement import SaidStatement
from integrations.bank_csv import statement
from integrations.iso20022 import camt053
from integrations.statement_fields import refuse_doubles, text_of


class BankStatementFormats:
    """See the port: camt.053 where the file is XML, else a table."""

    def read(self, content: bytes) -> SaidStatement:
        text = text_of(content)
        lines = camt053.lines_of(text) if text.startswith("<") else statement.lines_of(text)
        return SaidStatement(refuse_doubles(lines))

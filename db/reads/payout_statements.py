"""What rails say that they did with payouts, for show."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.payout_statements import payout_statement_lines, payout_statements
from db.tables.payouts import payout_receipts, payouts
from domain.ids import PayoutStatementId
from domain.money import Money
from domain.page import Page, PageRequest
from domain.payouts.state import PayoutRail
from domain.payouts.statement import KeptLine, LineKind, PayoutStatement, SaidLine

_NEWEST: Final = (payout_statements.c.received_at.desc(), payout_statements.c.id.desc())
_IN_ORDER: Final = (payout_statement_lines.c.place.asc(),)
_TOLD: Final = payout_statement_lines.alias("told").c
_RECEIPTS: Final = payout_receipts.alias("told_receipts").c


async def statement_by_id(connection: AsyncConnection, statement_id: PayoutStatementId) -> PayoutStatement | None:
    """The statement, if there is one."""
    row = (await connection.execute(select(payout_statements).where(payout_statements.c.id == statement_id))).first()
    return _statement(row) if row else None


async def same_statement(connection: AsyncConnection, rail: PayoutRail, sha256: str) -> PayoutStatement | None:
    """The statement with these bytes, if it came before."""
    columns = payout_statements.c
    same = select(payout_statements).where(columns.rail == rail, columns.sha256 == sha256)
    row = (await connection.execute(same)).first()
    return _statement(row) if row else None


async def statement_page(connection: AsyncConnection, *, page: PageRequest) -> Page[PayoutStatement]:
    """All statements, the newest first."""
    return (await keyset(connection, select(payout_statements), order=_NEWEST, page=page)).map(_statement)


async def lines_of_statement(
    connection: AsyncConnection, statement_id: PayoutStatementId, *, page: PageRequest
) -> Page[KeptLine]:
    """Its lines in their order."""
    lines = select(payout_statement_lines).where(payout_statement_lines.c.statement_id == statement_id)
    return (await keyset(connection, lines, order=_IN_ORDER, page=page)).map(_line)


def is_told(kind: LineKind) -> ColumnElement[bool]:
    """Whether a line of any day says this of the payout: by our name for it, or, without one, by its number."""
    return _is_said(_TOLD.kind == kind)


def has_come_back() -> ColumnElement[bool]:
    """Whether a line of any day says that all of the payout came back."""
    is_all = (_TOLD.amount_minor == payouts.c.amount_minor) & (_TOLD.amount_asset == payouts.c.amount_asset)
    return _is_said(_TOLD.kind == LineKind.RETURNED, is_all)


def _is_said(*what: ColumnElement[bool]) -> ColumnElement[bool]:
    said = select(1).where(_TOLD.rail == payouts.c.rail, *what)
    by_name = said.where(_TOLD.reference == payouts.c.sent_as)
    settled_by = _TOLD.reference.is_(None) & (_TOLD.payment_number == _RECEIPTS.number)
    by_number = said.where(_RECEIPTS.payout_id == payouts.c.id, settled_by)
    return or_(by_name.correlate(payouts).exists(), by_number.correlate(payouts).exists())


def said_in(row: Row[Any]) -> SaidLine:
    """What a kept line says."""
    return SaidLine(
        kind=row.kind,
        reference=row.reference,
        number=row.number,
        payment_number=row.payment_number,
        amount=Money(row.amount_minor, row.amount_asset),
        booked_on=row.booked_on,
        words=row.words,
    )


def _statement(row: Row[Any]) -> PayoutStatement:
    return PayoutStatement(**{column.name: row._mapping[column] for column in payout_statements.c})


def _line(row: Row[Any]) -> KeptLine:
    return KeptLine(id=row.id, place=row.place, said=said_in(row), state=row.state, payout_id=row.payout_id)

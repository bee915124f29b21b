"""The statement of an account: its entries and its holds as one list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, Text, cast, func, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from db.columns import EnumText, Instant
from db.reads.ledger import current_balance
from db.reads.paging import keyset
from db.tables.ledger import ledger_accounts, ledger_entries, ledger_holds, ledger_transfers
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.hold_state import HoldState
from domain.ledger.statement import StatementLine, TransactionStatus, status_of_hold
from domain.money import Money
from domain.page import Page, PageRequest


async def statement_page(connection: AsyncConnection, account: AccountRef, *, page: PageRequest) -> Page[StatementLine]:
    """Lines of an account, newest first: its entries, and holds unless a transfer took them."""
    lines = _lines(account)
    statement = select(
        lines.c.source_id,
        lines.c.position,
        lines.c.change,
        lines.c.state,
        _balance_after(lines, account).label("balance"),
        func.coalesce(ledger_transfers.c.code, lines.c.code).label("code"),
        func.coalesce(ledger_transfers.c.reference, lines.c.reference).label("reference"),
        func.coalesce(ledger_transfers.c.at, lines.c.at).label("at"),
        ledger_transfers.c.note,
    ).outerjoin_from(lines, ledger_transfers, ledger_transfers.c.id == lines.c.source_id)
    rows = await keyset(connection, statement, order=(lines.c.position.desc(),), page=page)
    return rows.map(lambda row: _line(row, account))


def _lines(account: AccountRef) -> Subquery:
    """Two bare tables, so that both are read backwards along their indexes and the rest is joined to the page."""
    holder = _id_of(account)
    entries = select(
        ledger_entries.c.position,
        ledger_entries.c.transfer_id.label("source_id"),
        ledger_entries.c.amount_minor.label("change"),
        ledger_entries.c.balance_after,
        cast(null(), EnumText(HoldState)).label("state"),
        cast(null(), EnumText(TransferCode)).label("code"),
        cast(null(), Text).label("reference"),
        cast(null(), Instant).label("at"),
    ).where(ledger_entries.c.account_id == holder)
    holds = select(
        ledger_holds.c.position,
        ledger_holds.c.id,
        -ledger_holds.c.amount_minor,
        ledger_holds.c.balance_after,
        ledger_holds.c.state,
        ledger_holds.c.code,
        ledger_holds.c.reference,
        ledger_holds.c.held_at,
    ).where(ledger_holds.c.account_id == holder, ledger_holds.c.state != HoldState.CAPTURED)
    return union_all(entries, holds).subquery("lines")


def _balance_after(lines: Subquery, account: AccountRef) -> ColumnElement[Any]:
    """As written with the entry; for a hot account what it holds now less what came later."""
    if not account.kind.is_hot:
        return lines.c.balance_after
    now = select(current_balance()).where(ledger_accounts.c.path == account.path).scalar_subquery()
    later = (
        select(func.coalesce(func.sum(ledger_entries.c.amount_minor), 0))
        .where(ledger_entries.c.account_id == _id_of(account), ledger_entries.c.position > lines.c.position)
        .scalar_subquery()
    )
    return now - later


def _id_of(account: AccountRef) -> Any:
    return select(ledger_accounts.c.id).where(ledger_accounts.c.path == account.path).scalar_subquery()


def _line(row: Row[Any], account: AccountRef) -> StatementLine:
    return StatementLine(
        source_id=row.source_id,
        position=row.position,
        code=row.code,
        status=TransactionStatus.COMPLETED if row.state is None else status_of_hold(row.state),
        change=Money(row.change, account.asset),
        balance=Money(int(row.balance), account.asset),
        reference=row.reference,
        note=row.note,
        at=row.at,
    )

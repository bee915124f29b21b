"""The statement of an account: its entries and its holds as one list."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    cast,
    func,
    null,
    select,
    true,
    type_coerce,
    union_all,
)

from db.columns import EnumText, Instant
from db.read_pool import ReadPool
from db.reads.ledger import current_balance
from db.reads.row_pages import over, paged, rows_page_of
from db.rows import Row, column
from db.statements import ByKey, any_of
from db.tables.ledger import ledger_accounts, ledger_entries, ledger_holds, ledger_transfers
from domain.instants import StoredInstant
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.hold_state import HoldState
from domain.ledger.statement import TransactionStatus, status_of_hold
from domain.money import Asset, Money
from domain.page import Page, PageRequest

SHAPES_MAX: Final = 256


def _lines() -> Subquery:
    """Two bare tables, so that both are read backwards along their indexes and the rest is joined to the page."""
    entries = select(
        ledger_entries.c.position,
        ledger_entries.c.transfer_id.label("source_id"),
        ledger_entries.c.amount_minor.label("change"),
        ledger_entries.c.balance_after,
        cast(null(), EnumText(HoldState)).label("state"),
        cast(null(), EnumText(TransferCode)).label("code"),
        cast(null(), Text).label("reference"),
        cast(null(), Instant).label("at"),
    ).where(ledger_entries.c.account_id == ledger_accounts.c.id)
    holds = select(
        ledger_holds.c.position,
        ledger_holds.c.id,
        -ledger_holds.c.amount_minor,
        ledger_holds.c.balance_after,
        ledger_holds.c.state,
        ledger_holds.c.code,
        ledger_holds.c.reference,
        ledger_holds.c.held_at,
    ).where(ledger_holds.c.account_id == ledger_accounts.c.id, ledger_holds.c.state != HoldState.CAPTURED)
    return union_all(*(part.correlate(ledger_accounts) for part in (entries, holds))).subquery("lines")


_LINES: Final = _lines()


class LineRow(Row):
    """A line of an account: an entry, or a hold unless a transfer took it."""

    source_id: UUID = column(_LINES.c.source_id)
    position: int = column(_LINES.c.position)
    change_minor: int = column(_LINES.c.change)
    balance_minor: int = column(_LINES.c.balance_after)
    hold: str | None = column(type_coerce(_LINES.c.state, Text))
    code_name: str = column(type_coerce(func.coalesce(ledger_transfers.c.code, _LINES.c.code), Text))
    reference: str = column(func.coalesce(ledger_transfers.c.reference, _LINES.c.reference))
    at: StoredInstant = column(func.coalesce(ledger_transfers.c.at, _LINES.c.at))
    note: str | None = column(ledger_transfers.c.note)
    account: str = column(ledger_accounts.c.path)
    asset: Asset = column(ledger_accounts.c.asset)

    @property
    def code(self) -> TransferCode:
        """Why."""
        return _CODES[self.code_name]

    @property
    def type(self) -> TransactionType:
        """What it is to the owner."""
        return _TYPES[self.code_name][self.change_minor > 0]

    @property
    def status(self) -> TransactionStatus:
        """Whether the money has moved."""
        return _STATUS_OF[self.hold]

    @property
    def change(self) -> Money:
        """By how much the account changed."""
        return Money(self.change_minor, self.asset)

    @property
    def balance(self) -> Money:
        """What it held behind the line."""
        return Money(self.balance_minor, self.asset)


async def statement_page(reads: ReadPool, account: AccountRef, *, page: PageRequest) -> Page[LineRow]:
    """Lines of an account, newest first: its entries, and holds unless a transfer took them."""
    statement = _statement(account.kind.is_hot, page.first, page.after is None)
    return await rows_page_of(reads, statement, account.path, order=_ORDER, page=page)


_CODES: Final = dict(TransferCode.__members__)
# By whether more is there afterwards.
_TYPES: Final = {name: (code.seen_as(-1), code.seen_as(1)) for name, code in _CODES.items()}
_STATUS_OF: Final[dict[str | None, TransactionStatus]] = {
    None: TransactionStatus.COMPLETED,
    **{state.name: status_of_hold(state) for state in HoldState},
}
_ORDER: Final = (_LINES.c.position.desc(),)


@lru_cache(maxsize=SHAPES_MAX)
def _statement(is_hot: bool, size: int, is_first: bool) -> ByKey[str, LineRow]:
    return ByKey(LineRow, lambda: _paged(is_hot, size, is_first), keys="paths", key="account")


def _paged(is_hot: bool, size: int, is_first: bool) -> Select[Any]:
    """A page of each account. It is cut for one account after the other, by what its index has next."""
    columns = [_hot_balance() if is_hot and c.name == "balance_minor" else c for c in LineRow.columns]
    lines = select(*columns).outerjoin_from(_LINES, ledger_transfers, ledger_transfers.c.id == _LINES.c.source_id)
    page = paged(lines, order=_ORDER, size=size, is_first=is_first).correlate(ledger_accounts).lateral("page")
    wanted = ledger_accounts.c.path == any_of("paths", Text)
    return select(*page.c).select_from(ledger_accounts.join(page, true())).where(wanted).order_by(*over(page, _ORDER))


def _hot_balance() -> ColumnElement[Any]:
    """The entry of a hot account does not know its balance: it is what the account holds now less what came later."""
    later = (
        select(func.coalesce(func.sum(ledger_entries.c.amount_minor), 0))
        .where(ledger_entries.c.account_id == ledger_accounts.c.id, ledger_entries.c.position > _LINES.c.position)
        .correlate(ledger_accounts, _LINES)
        .scalar_subquery()
    )
    return cast(current_balance() - later, BigInteger).label("balance_minor")

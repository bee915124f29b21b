"""Wallets for show: whose they are and how much is in them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row as CoreRow
from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.read_pool import ReadPool
from db.reads.people import UserRow
from db.rows import Row, column, part
from db.statements import ByKey, Statement, one_of, rows_max
from db.tables.identity import users
from db.tables.ledger import ledger_accounts
from db.tables.wallets import wallets
from domain.ids import UserId, WalletId
from domain.money import Asset, Money
from domain.wallets.wallet import WalletBalance


async def wallets_by_ids(connection: AsyncConnection, ids: Collection[WalletId]) -> dict[WalletId, WalletBalance]:
    """Wallets by id, on a connection that may stand at one instant; who may see which is for the caller to ask."""
    rows = await connection.execute(_select().where(wallets.c.id.in_(ids)))
    return {row.id: _balance(row) for row in rows}


async def wallet_rows(reads: ReadPool, ids: Collection[WalletId]) -> dict[WalletId, OwnedRow]:
    """The same as rows, each with its owner."""
    return {id: row for id, [row] in (await reads.fetch_by_key(_BY_IDS, ids)).items()}


async def wallets_of(reads: ReadPool, owner_id: UserId) -> list[WalletRow]:
    """A person's wallets, in the order in which the market names its assets."""
    rows = await reads.fetch(_OF_OWNER, {"owner": owner_id})
    return sorted(rows, key=lambda wallet: _ORDER[wallet.asset])


class WalletRow(Row):
    """A wallet as it is shown."""

    id: WalletId = column(wallets.c.id)
    owner_id: UserId = column(wallets.c.owner_id)
    asset: Asset = column(wallets.c.asset)
    posted_minor: int = column(ledger_accounts.c.posted_minor)
    held_minor: int = column(ledger_accounts.c.held_minor)
    version: int = column(ledger_accounts.c.version)

    @property
    def balance(self) -> Money:
        """What was booked."""
        return Money(self.posted_minor, self.asset)

    @property
    def held(self) -> Money:
        """What is set aside of it."""
        return Money(self.held_minor, self.asset)

    @property
    def available(self) -> Money:
        """What may be spent: the balance less what is held."""
        return Money(self.posted_minor - self.held_minor, self.asset)


class OwnedRow(WalletRow):
    """A wallet with its owner: whoever reads one shows both."""

    person: UserRow = part(UserRow)


def _rows(kind: type[WalletRow]) -> Select[Any]:
    return select(*kind.columns).join_from(wallets, ledger_accounts, _BEHIND)


_ORDER: Final = {asset: place for place, asset in enumerate(Asset)}
_BEHIND: Final = ledger_accounts.c.path == wallets.c.account_path
_BY_IDS: Final[ByKey[WalletId, OwnedRow]] = ByKey(
    OwnedRow,
    lambda: _rows(OwnedRow).join(users, users.c.id == wallets.c.owner_id).where(one_of(wallets.c.id, "ids")),
    keys="ids",
    key="id",
)
_OF_OWNER: Final = Statement(
    WalletRow,
    lambda: _rows(WalletRow).where(wallets.c.owner_id == bindparam("owner", type_=Uuid)).limit(rows_max(len(Asset))),
)


def _select() -> Select[Any]:
    return select(
        wallets.c.id,
        wallets.c.owner_id,
        wallets.c.asset,
        ledger_accounts.c.posted_minor,
        ledger_accounts.c.held_minor,
        ledger_accounts.c.version,
    ).join_from(wallets, ledger_accounts, _BEHIND)


def _balance(row: CoreRow[Any]) -> WalletBalance:
    return WalletBalance(
        id=row.id,
        owner_id=row.owner_id,
        asset=row.asset,
        balance=Money(row.posted_minor, row.asset),
        held=Money(row.held_minor, row.asset),
        version=row.version,
    )

"""Wallets for show: whose they are and how much is in them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.ledger import ledger_accounts
from db.tables.wallets import wallets
from domain.ids import UserId, WalletId
from domain.money import Money
from domain.wallets.wallet import WALLET_ASSETS, WalletBalance


async def wallets_by_ids(connection: AsyncConnection, ids: Collection[WalletId]) -> dict[WalletId, WalletBalance]:
    """Wallets by id, whoever they belong to; who may see which is for the caller to ask."""
    rows = await connection.execute(_select().where(wallets.c.id.in_(ids)))
    return {row.id: _balance(row) for row in rows}


async def wallets_of(connection: AsyncConnection, owner_id: UserId) -> list[WalletBalance]:
    """A person's wallets, in the order in which the market names its assets."""
    rows = await connection.execute(_select().where(wallets.c.owner_id == owner_id).limit(len(WALLET_ASSETS)))
    return sorted((_balance(row) for row in rows), key=lambda wallet: WALLET_ASSETS.index(wallet.asset))


def _select() -> Select[Any]:
    return select(
        wallets.c.id,
        wallets.c.owner_id,
        wallets.c.asset,
        ledger_accounts.c.posted_minor,
        ledger_accounts.c.held_minor,
        ledger_accounts.c.version,
    ).join_from(wallets, ledger_accounts, ledger_accounts.c.path == wallets.c.account_path)


def _balance(row: Row[Any]) -> WalletBalance:
    return WalletBalance(
        id=row.id,
        owner_id=row.owner_id,
        asset=row.asset,
        balance=Money(row.posted_minor, row.asset),
        held=Money(row.held_minor, row.asset),
        version=row.version,
    )

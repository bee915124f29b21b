"""Wallets, by id and by owner."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import asyncpg

from db.changes import Change, Note
from db.transaction import Transaction
from domain.identity.user import UserStatus
from domain.ids import IdKind, UserId, WalletId, encode_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from domain.plain import to_plain
from domain.wallets.recipient import Recipient
from domain.wallets.wallet import Wallet


class SqlWallets:
    """Wallets; see the port for its promises. `note` tells the audit row which were opened."""

    def __init__(self, transaction: Transaction, *, note: Note) -> None:
        self._transaction = transaction
        self._note = note

    async def find(self, wallet_id: WalletId) -> Wallet | None:
        """The wallet, if there is one."""
        row = await self._transaction.driver.fetchrow(_FIND, wallet_id)
        return _wallet(row) if row else None

    async def find_of(self, owner_id: UserId, asset: Asset) -> Wallet | None:
        """The person's wallet in this asset."""
        return await self.find(wallet_id_of(owner_id, asset))

    async def parties(self, source_id: WalletId, destination_id: WalletId) -> tuple[Wallet | None, Recipient | None]:
        """Both sides of a transfer."""
        rows = {row["id"]: row for row in await self._with_owners(source_id, destination_id)}
        source, destination = rows.get(source_id), rows.get(destination_id)
        return (_wallet(source) if source else None, _recipient(destination) if destination else None)

    async def _with_owners(self, *wallet_ids: WalletId) -> list[asyncpg.Record]:
        return await self._transaction.driver.fetch(WITH_OWNERS, wallet_ids)

    async def add(self, wallets: Collection[Wallet]) -> None:
        """Keep new wallets; one that another command opened meanwhile is the same."""
        await self._transaction.driver.execute(
            _ADD,
            [wallet.id for wallet in wallets],
            [wallet.owner_id for wallet in wallets],
            [wallet.asset.name for wallet in wallets],
            [wallet.account_path for wallet in wallets],
            [wallet.opened_at for wallet in wallets],
        )
        for wallet in wallets:
            plain = to_plain(wallet)
            assert isinstance(plain, dict), "a wallet is a record"
            self._note(Change(encode_id(IdKind.WALLET, wallet.id), "wallets", before={}, after=plain))


def _wallet(row: asyncpg.Record) -> Wallet:
    return Wallet(
        id=row["id"],
        owner_id=row["owner_id"],
        asset=Asset[row["asset"]],
        account_path=row["account_path"],
        opened_at=row["opened_at"],
    )


def _recipient(row: asyncpg.Record) -> Recipient:
    return Recipient(wallet=_wallet(row), status=UserStatus[row["status"]], blocked_until=row["blocked_until"])


_FIND: Final = "select id, owner_id, asset, account_path, opened_at from wallets where id = $1"
# The planner is not shown how many, as in `db.statements.any_of`.
WITH_OWNERS: Final = """
    select w.id, w.owner_id, w.asset, w.account_path, w.opened_at, u.status, u.blocked_until
    from wallets w join users u on u.id = w.owner_id where w.id = any((select $1::uuid[])::uuid[])
"""
_ADD: Final = """
    insert into wallets (id, owner_id, asset, account_path, opened_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) on conflict (id) do nothing
"""

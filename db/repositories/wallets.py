"""Wallets, by id and by owner."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.wallets import wallets
from domain.ids import UserId, WalletId
from domain.money import Asset
from domain.wallets.wallet import Wallet


class SqlWallets:
    """Wallets; see the port for its promises."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, wallet_id: WalletId) -> Wallet | None:
        """The wallet, if there is one."""
        return await self._session.get(Wallet, wallet_id)

    async def find_of(self, owner_id: UserId, asset: Asset) -> Wallet | None:
        """The person's wallet in this asset."""
        owned = select(Wallet).where(wallets.c.owner_id == owner_id, wallets.c.asset == asset)
        return (await self._session.scalars(owned)).one_or_none()

    async def add(self, wallet: Wallet) -> None:
        """Keep a new wallet."""
        self._session.add(wallet)

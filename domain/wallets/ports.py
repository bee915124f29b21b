"""What wallets ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import UserId, WalletId
from domain.money import Asset
from domain.wallets.wallet import Wallet


class Wallets(Protocol):
    """Wallets by id and by owner. They never change, so none is ever locked."""

    async def find(self, wallet_id: WalletId) -> Wallet | None:
        """The wallet, if there is one."""
        ...

    async def find_of(self, owner_id: UserId, asset: Asset) -> Wallet | None:
        """The person's wallet in this asset, if there is such a person."""
        ...

    async def add(self, wallet: Wallet) -> None:
        """Keep a new wallet."""
        ...

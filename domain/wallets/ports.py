"""What wallets ask of their storage."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from domain.ids import UserId, WalletId
from domain.money import Asset
from domain.wallets.recipient import Recipient
from domain.wallets.wallet import Wallet


class Wallets(Protocol):
    """Wallets by id and by owner. They never change, so none is ever locked."""

    async def find(self, wallet_id: WalletId) -> Wallet | None:
        """The wallet, if there is one."""
        ...

    async def find_of(self, owner_id: UserId, asset: Asset) -> Wallet | None:
        """The person's wallet in this asset, if there is such a person."""
        ...

    async def parties(self, source_id: WalletId, destination_id: WalletId) -> tuple[Wallet | None, Recipient | None]:
        """Both sides of a transfer in one look, each if there is one."""
        ...

    async def add(self, wallets: Collection[Wallet]) -> None:
        """Keep new wallets; their accounts are open."""
        ...

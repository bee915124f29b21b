"""A wallet: a person's view of one account of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import UserId, WalletId
from domain.ledger import chart
from domain.ledger.account import AccountRef, wallet_id_of
from domain.money import Asset, Money

# Others are opened when something first reaches them.
WALLET_ASSETS: Final = (Asset.POINTS, Asset.USDT, Asset.KES)


@dataclass(eq=False, kw_only=True)
class Wallet:
    """Whose it is and what it holds; how much is the ledger's to say. Nothing in it ever changes."""

    id: WalletId
    owner_id: UserId
    asset: Asset
    account_path: str
    opened_at: datetime

    @cached_property
    def account(self) -> AccountRef:
        """The account behind it."""
        return chart.user_wallet(self.owner_id, self.asset)

    def require_asset(self, amount: Money) -> None:
        """Refuse an amount of something else.

        Raises:
            InvalidInput: the wallet holds another asset.
        """
        if amount.asset is not self.asset:
            raise InvalidInput(FieldFault(("amount", "asset"), f"must be {self.asset.code}, as in the wallet"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletBalance:
    """A wallet as it stands. `version` grows with every change; an event with a lower one is older than this."""

    id: WalletId
    owner_id: UserId
    asset: Asset
    balance: Money
    held: Money
    version: int

    @property
    def available(self) -> Money:
        """What may be spent: the balance less what is held."""
        return self.balance - self.held


def wallets_of(owner_id: UserId, *, at: datetime) -> Iterator[Wallet]:
    """The wallets that every person has."""
    return (wallet_in(asset, owner_id=owner_id, at=at) for asset in WALLET_ASSETS)


def wallet_in(asset: Asset, *, owner_id: UserId, at: datetime) -> Wallet:
    """The one wallet that a person can have in an asset."""
    path = chart.user_wallet(owner_id, asset).path
    return Wallet(id=wallet_id_of(owner_id, asset), owner_id=owner_id, asset=asset, account_path=path, opened_at=at)

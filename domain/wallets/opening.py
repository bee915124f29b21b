"""Opening: a person gets their wallets when they join, and others when something first reaches them."""

from __future__ import annotations

from domain.ids import UserId
from domain.money import Asset
from domain.unit_of_work import UnitOfWork
from domain.wallets.wallet import Wallet, wallet_in, wallets_of


async def open_wallets(uow: UnitOfWork, *, user_id: UserId) -> tuple[Wallet, ...]:
    """Open the empty wallets that everybody has; called once, by the registration of a person."""
    wallets = tuple(wallets_of(user_id, at=uow.now))
    await uow.ledger.open([wallet.account for wallet in wallets], at=uow.now)
    await uow.wallets.add(wallets)
    return wallets


async def open_wallet(uow: UnitOfWork, *, user_id: UserId, asset: Asset) -> Wallet:
    """The person's wallet in this asset, opened now if they had none."""
    found = await uow.wallets.find_of(user_id, asset)
    if found is not None:
        return found
    wallet = wallet_in(asset, owner_id=user_id, at=uow.now)
    await uow.ledger.open([wallet.account], at=uow.now)
    await uow.wallets.add([wallet])
    return wallet

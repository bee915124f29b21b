"""Opening: a person gets their wallets when they join."""

from __future__ import annotations

from domain.ids import UserId
from domain.unit_of_work import UnitOfWork
from domain.wallets.wallet import Wallet, wallets_of


async def open_wallets(uow: UnitOfWork, *, user_id: UserId) -> tuple[Wallet, ...]:
    """Open one empty wallet in each asset; called once, by the registration of a person."""
    wallets = tuple(wallets_of(user_id, at=uow.now))
    await uow.ledger.open([wallet.account for wallet in wallets], at=uow.now)
    await uow.wallets.add(wallets)
    return wallets

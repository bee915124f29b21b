"""Adjusting: finance corrects a wallet by hand, and says why."""

from __future__ import annotations

from domain.errors import FieldFault, InvalidInput
from domain.identity.errors import OwnAccount
from domain.ids import WalletId
from domain.ledger.posting import post
from domain.ledger.transfer import require_movable
from domain.money import Money
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork
from domain.wallets.booking import Booking
from domain.wallets.errors import WalletNotFound
from domain.wallets.postings import adjusted
from domain.wallets.references import reference_of


async def adjust_wallet(uow: UnitOfWork, *, wallet_id: WalletId, amount: Money, reason: str, key: str) -> Booking:
    """Add a signed amount to somebody's wallet. Given again under the same key, it adds nothing again.

    The reason is for the audit; the owner reads that it was an adjustment.

    Raises:
        WalletNotFound: there is none.
        OwnAccount: nobody adjusts a wallet of their own.
        InvalidInput: another asset, nothing, too much at once, or no reason.
        InsufficientFunds: less is available than is taken away.
        ReferenceReused: another adjustment has this key.
    """
    uow.because(reason_line(reason))
    wallet = await uow.wallets.find(wallet_id)
    if wallet is None:
        raise WalletNotFound
    if wallet.owner_id == uow.actor.user:
        raise OwnAccount
    wallet.require_asset(amount)
    if amount.minor == 0:
        raise InvalidInput(FieldFault(("amount", "amount"), "must not be zero"))
    require_movable(amount if amount.is_positive else -amount, path=("amount", "amount"))
    transfer = adjusted(wallet, amount, reference=reference_of("adjustment", uow.actor, key))
    return Booking(wallet, transfer, await post(uow, transfer))

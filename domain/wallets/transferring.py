"""Transferring: one person sends money to another."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import FieldFault, InvalidInput
from domain.ids import UserId, WalletId
from domain.ledger.account import wallet_id_of
from domain.ledger.posting import post
from domain.ledger.transfer import NOTE_LENGTH_MAX, require_movable
from domain.money import Asset, Money
from domain.text import line
from domain.unit_of_work import UnitOfWork
from domain.wallets.booking import Booking
from domain.wallets.errors import RecipientCannotReceive, RecipientNotFound, WalletNotFound
from domain.wallets.postings import sent
from domain.wallets.recipient import Recipient
from domain.wallets.references import reference_of
from domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class ToPerson:
    """To somebody's wallet in the asset that is sent."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class ToWallet:
    """To this very wallet."""

    wallet_id: WalletId


async def transfer_between_people(  # noqa: PLR0913  # who, whom, how much, what for, and its name
    uow: UnitOfWork,
    *,
    from_wallet_id: WalletId,
    recipient: ToPerson | ToWallet,
    amount: Money,
    note: str | None,
    key: str,
) -> Booking:
    """Send from one's own wallet. Given again under the same key, it sends nothing again.

    Raises:
        WalletNotFound: no such wallet of the actor.
        RecipientNotFound: nobody to send to.
        RecipientCannotReceive: the recipient is blocked.
        InvalidInput: another asset, no positive amount, too much at once, a long note, or to oneself.
        InsufficientFunds: less is available.
        ReferenceReused: another transfer has this key.
    """
    source, found = await uow.wallets.parties(from_wallet_id, _destination_id(recipient, amount.asset))
    if source is None or source.owner_id != uow.actor.user_id:
        raise WalletNotFound
    source.require_asset(amount)
    require_movable(amount, path=("amount", "amount"))
    words = line(note, path=("note",), shortest=0, longest=NOTE_LENGTH_MAX) if note else ""
    destination = _receiving(uow, found, amount.asset)
    reference = reference_of("transfer", uow.actor, key)
    transfer = sent(source, destination, amount, reference=reference, note=words or None)
    return Booking(source, transfer, await post(uow, transfer))


def _destination_id(recipient: ToPerson | ToWallet, asset: Asset) -> WalletId:
    match recipient:
        case ToPerson(user_id=user_id):
            return wallet_id_of(user_id, asset)
        case ToWallet(wallet_id=wallet_id):
            return wallet_id


def _receiving(uow: UnitOfWork, found: Recipient | None, asset: Asset) -> Wallet:
    if found is None:
        raise RecipientNotFound
    if found.wallet.asset is not asset:
        raise InvalidInput(FieldFault(("recipientId",), f"is not a wallet in {asset.code}"))
    if found.wallet.owner_id == uow.actor.user_id:
        raise InvalidInput(FieldFault(("recipientId",), "must be somebody else"))
    if found.is_blocked(uow.now):
        raise RecipientCannotReceive
    return found.wallet

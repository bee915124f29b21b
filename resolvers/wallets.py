"""Wallets: what people have, and what they send."""

from __future__ import annotations

import strawberry

from db.reads.wallets import wallet_rows, wallets_of
from domain.identity.roles import Permission
from domain.ids import IdKind, UserId, WalletId, decode_id, kind_of_id
from domain.plain import to_plain
from domain.unit_of_work import UnitOfWork
from domain.wallets.adjusting import adjust_wallet
from domain.wallets.errors import WalletNotFound
from domain.wallets.transferring import ToPerson, ToWallet, transfer_between_people
from resolvers.context import Info
from schema.access import SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.wallets import (
    AdjustmentCreateInput,
    AdjustmentCreatePayload,
    Transfer,
    TransferCreateInput,
    TransferCreatePayload,
    Wallet,
)


def wallet_id_of(text: str, *, path: tuple[str, ...] = ("walletId",)) -> WalletId:
    """Read a wallet's id.

    Raises:
        InvalidInput: it is no wallet's id.
    """
    return WalletId(decode_id(IdKind.WALLET, text, path=path))


async def visible_wallet(info: Info, wallet_id: WalletId) -> Wallet | None:
    """The wallet, if there is one that the actor may see: their own, or anybody's for those who read the books."""
    found = (await wallet_rows(info.context.database.reads, [wallet_id])).get(wallet_id)
    actor = info.context.actor
    if found is None or not (found.owner_id == actor.user or actor.may(Permission.LEDGER_READ)):
        return None
    info.context.loaders.know_people(((found.owner_id, found),))
    return Wallet.of(found)


@strawberry.type
class ViewerWallets:
    """What the viewer has."""

    @query(access=SIGNED_IN)
    async def wallets(self, info: Info) -> list[Wallet]:
        """Your wallets, one for each asset."""
        found = await wallets_of(info.context.database.reads, info.context.actor.user_id)
        return [Wallet.of(wallet) for wallet in found]


@strawberry.type
class WalletQuery:
    """What can be asked about wallets."""

    @query(access=SIGNED_IN)
    async def wallet(self, info: Info, id: strawberry.ID) -> Wallet:
        """One of your own wallets; those who read the books see everybody's."""
        found = await visible_wallet(info, wallet_id_of(id, path=("id",)))
        if found is None:
            raise WalletNotFound
        return found


@strawberry.type
class WalletMutation:
    """How money moves by a person's hand."""

    @mutation(access=SIGNED_IN, once=True)
    async def transfer_create(self, info: Info, input: TransferCreateInput) -> TransferCreatePayload:
        """Send money from your own wallet to another person. Both hear of it on their wallets' events."""
        from_wallet_id = wallet_id_of(input.from_wallet_id, path=("fromWalletId",))
        recipient = recipient_of(input.recipient_id)
        amount = input.amount.parse()

        async def carry(uow: UnitOfWork) -> TransferCreatePayload:
            booking = await transfer_between_people(
                uow,
                from_wallet_id=from_wallet_id,
                recipient=recipient,
                amount=amount,
                note=input.note,
                key=input.idempotency_key,
            )
            payload = TransferCreatePayload(transfer=Transfer.of(booking))
            uow.remember(to_plain(payload))
            return payload

        return await info.context.carried_out(carry)

    @mutation(access=holders_of(Permission.LEDGER_ADJUST), once=True)
    async def adjustment_create(self, info: Info, input: AdjustmentCreateInput) -> AdjustmentCreatePayload:
        """Correct somebody's wallet by hand, for a reason that is audited."""
        wallet_id = wallet_id_of(input.wallet_id)
        amount = input.amount.parse()
        async with info.context.unit_of_work() as uow:
            booking = await adjust_wallet(
                uow, wallet_id=wallet_id, amount=amount, reason=input.reason, key=input.idempotency_key
            )
            payload = AdjustmentCreatePayload(transfer=Transfer.of(booking))
            uow.remember(to_plain(payload))
        return payload


def recipient_of(text: str) -> ToPerson | ToWallet:
    """Read whom money goes to: a person, or a wallet.

    Raises:
        InvalidInput: neither a person's id nor a wallet's.
    """
    path = ("recipientId",)
    if kind_of_id(text) is IdKind.WALLET:
        return ToWallet(wallet_id_of(text, path=path))
    return ToPerson(UserId(decode_id(IdKind.USER, text, path=path)))

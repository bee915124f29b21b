"""Wallets with something in them, and what is in them now."""

from __future__ import annotations

from itertools import count

from db.reads.ledger import balance_of
from db.reads.ledger_verification import verify_ledger
from db.reads.wallets import wallets_by_ids
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import WalletId
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.ports import Posting
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer
from domain.ledger.verification import Verification
from domain.money import Asset, Money
from domain.wallets.opening import open_wallets
from domain.wallets.wallet import WalletBalance
from tests.commands import Commands
from tests.makers.people import make_person

_numbers = count(1)


async def make_holder(commands: Commands, *funds: Money, roles: tuple[Role, ...] = ()) -> Actor:
    """A person with wallets and these amounts in them."""
    person = await make_person(commands, *roles)
    async with commands.by_system() as uow:
        await open_wallets(uow, user_id=person.user_id)
        for amount in funds:
            await post(uow, grant(chart.user_wallet(person.user_id, amount.asset), amount))
    return person


def grant(account: AccountRef, amount: Money) -> Transfer:
    """Money out of the market's own pocket."""
    moves = (Move(chart.adjustments(amount.asset), account, amount),)
    return Transfer(f"grant:{next(_numbers)}", TransferCode.ADJUSTMENT, moves)


def sending(reference: str, sender: Actor, recipient: Actor, amount: Money) -> Transfer:
    """One person's money to another."""
    source = chart.user_wallet(sender.user_id, amount.asset)
    destination = chart.user_wallet(recipient.user_id, amount.asset)
    return Transfer(reference, TransferCode.PERSON_TO_PERSON, (Move(source, destination, amount),))


async def posted(commands: Commands, transfer: Transfer) -> Posting:
    """Post in a command of its own."""
    async with commands.by_system() as uow:
        return await post(uow, transfer)


async def balance(commands: Commands, account: AccountRef) -> Money:
    """What an account holds."""
    async with commands.database.read() as connection:
        return await balance_of(connection, account)


async def wallet(commands: Commands, holder: Actor, asset: Asset = Asset.KES) -> WalletBalance:
    """A person's wallet as it stands."""
    wallet_id = chart.user_wallet(holder.user_id, asset).wallet_id
    assert wallet_id is not None
    async with commands.database.read() as connection:
        return (await wallets_by_ids(connection, [WalletId(wallet_id)]))[wallet_id]


async def verified(commands: Commands) -> Verification:
    """The books against themselves."""
    async with commands.database.snapshot() as connection:
        return await verify_ledger(connection)


def kes(minor: int) -> Money:
    """Cents of a shilling."""
    return Money(minor, Asset.KES)


def points(minor: int) -> Money:
    """Points."""
    return Money(minor, Asset.POINTS)


def usdt(minor: int) -> Money:
    """Millionths of a USDT."""
    return Money(minor, Asset.USDT)

"""Where the money of people goes."""

from __future__ import annotations

from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.money import Money
from domain.wallets.wallet import Wallet


def sent(source: Wallet, destination: Wallet, amount: Money, *, reference: str, note: str | None) -> Transfer:
    """One person's money becomes another's."""
    move = Move(source.account, destination.account, amount)
    return Transfer(reference, TransferCode.PERSON_TO_PERSON, (move,), note)


def adjusted(wallet: Wallet, amount: Money, *, reference: str) -> Transfer:
    """A wallet gains what the adjustments lose, or, below zero, the other way round."""
    house = chart.adjustments(amount.asset)
    move = Move(house, wallet.account, amount) if amount.is_positive else Move(wallet.account, house, -amount)
    return Transfer(reference, TransferCode.ADJUSTMENT, (move,))

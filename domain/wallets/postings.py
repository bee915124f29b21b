"""Where the money of people goes."""

from __future__ import annotations

from collections.abc import Iterator

from domain.ids import UserId
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.wallets.pricing import Price
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


def converted(owner: UserId, price: Price, *, reference: str, note: str | None) -> Transfer:
    """One asset becomes another: what is given goes to the house, its value in USDT from there to where the result
    comes from, less the market's share.
    """
    return Transfer(reference, TransferCode.CONVERSION, tuple(_conversion_moves(owner, price)), note or None)


def topped_up(owner: UserId, source: AccountRef, price: Price, *, reference: str, note: str | None) -> Transfer:
    """What arrived by a rail becomes what was asked for: the same asset, or another as in a conversion."""
    if price.result.asset is price.amount.asset:
        moves: tuple[Move, ...] = (Move(source, chart.user_wallet(owner, source.asset), price.amount),)
    else:
        moves = tuple(_conversion_moves(owner, price, source))
    return Transfer(reference, TransferCode.TOP_UP, moves, note or None)


def _conversion_moves(owner: UserId, price: Price, source: AccountRef | None = None) -> Iterator[Move]:
    given, received = price.amount.asset, price.result.asset
    paying, earning = _usdt_behind(given, owner), _usdt_behind(received, owner)
    if given is not Asset.USDT:
        yield Move(source or chart.user_wallet(owner, given), _taken_in_by(given), price.amount)
    if price.fee.is_positive:
        yield Move(paying, chart.platform_revenue(), price.fee)
    if paying != earning:
        yield Move(paying, earning, price.rest)
    if received is not Asset.USDT:
        yield Move(_given_out_by(received), chart.user_wallet(owner, received), price.result)


def _usdt_behind(asset: Asset, owner: UserId) -> AccountRef:
    match asset:
        case Asset.USDT:
            return chart.user_wallet(owner, Asset.USDT)
        case Asset.POINTS:
            return chart.usdt_reserve()
        case _:
            return chart.conversion(Asset.USDT)


def _taken_in_by(asset: Asset) -> AccountRef:
    return chart.points_redeemed() if asset is Asset.POINTS else chart.conversion(asset)


def _given_out_by(asset: Asset) -> AccountRef:
    return chart.points_issued() if asset is Asset.POINTS else chart.conversion(asset)

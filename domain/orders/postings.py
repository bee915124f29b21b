"""Where the money of an order goes."""

from __future__ import annotations

from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.orders.order import Order


def order_paid(order: Order) -> Transfer:
    """The price leaves the customer; what stands behind it in USDT is the merchant's, less our share."""
    wallet = chart.user_wallet(order.buyer_id, order.price.asset)
    moves: list[Move] = []
    match order.price.asset:
        case Asset.USDT:
            paying = wallet
        case Asset.POINTS:
            paying = chart.usdt_reserve()
            moves.append(Move(wallet, chart.points_redeemed(), order.price))
        case _:
            paying = chart.conversion(Asset.USDT)
            moves.append(Move(wallet, chart.conversion(order.price.asset), order.price))
    moves += _shares(order, paying)
    return Transfer(order.reference, TransferCode.ORDER_PAID, tuple(moves), order.words or None)


def _shares(order: Order, paying: AccountRef) -> list[Move]:
    shares: tuple[tuple[AccountRef, Money], ...] = (
        (chart.merchant_payable(order.merchant_id), order.value - order.fee),
        (chart.platform_revenue(), order.fee),
    )
    return [Move(paying, to, share) for to, share in shares if share.is_positive]

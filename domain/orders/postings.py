"""Where the money of an order goes."""

from __future__ import annotations

from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.orders.order import Order


def order_paid(order: Order, *, source: AccountRef) -> Transfer:
    """The price leaves the customer's wallet, or comes from a rail; what stands behind it in USDT is the merchant's,
    less our share.
    """
    moves: list[Move] = []
    match order.price.asset:
        case Asset.USDT:
            paying = source
        case Asset.POINTS:
            paying = chart.usdt_reserve()
            moves.append(Move(source, chart.points_redeemed(), order.price))
        case _:
            paying = chart.conversion(Asset.USDT)
            moves.append(Move(source, chart.conversion(order.price.asset), order.price))
    moves += _shares(order, paying)
    return Transfer(order.reference, TransferCode.ORDER_PAID, tuple(moves), order.words or None)


def wallet_of(order: Order) -> AccountRef:
    """Where the customer keeps what the price is in."""
    return chart.user_wallet(order.buyer_id, order.price.asset)


def _shares(order: Order, paying: AccountRef) -> list[Move]:
    shares: tuple[tuple[AccountRef, Money], ...] = (
        (chart.merchant_payable(order.merchant_id), order.value - order.fee),
        (chart.platform_revenue(), order.fee),
    )
    return [Move(paying, to, share) for to, share in shares if share.is_positive]

"""Where the money of a refund comes from."""

from __future__ import annotations

from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransferCode
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.orders.order import Order
from domain.orders.postings import wallet_of
from domain.refunds.refund import Refund


def given_back(order: Order, refund: Refund) -> Transfer:
    """The part of the price into the customer's wallet; what stood behind it from the merchant and from the market."""
    wallet, asset = wallet_of(order), order.price.asset
    moves: list[Move] = []
    match asset:
        case Asset.USDT:
            taking = wallet
        case Asset.POINTS:
            taking = chart.usdt_reserve()
            moves.append(Move(chart.points_redeemed(), wallet, refund.amount))
        case _:
            taking = chart.conversion(Asset.USDT)
            moves.append(Move(chart.conversion(asset), wallet, refund.amount))
    shares: tuple[tuple[AccountRef, Money], ...] = (
        (chart.merchant_payable(order.merchant_id), refund.from_merchant),
        (chart.platform_revenue(), refund.from_market),
    )
    moves += [Move(giver, taking, share) for giver, share in shares if share.is_positive]
    return Transfer(f"order:{order.label}:refunded:{refund.place}", TransferCode.ORDER_REFUNDED, tuple(moves))

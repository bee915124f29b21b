"""Refunding: finance gives a part of a price back, or a merchant or finance all that is left of it."""

from __future__ import annotations

from domain.errors import FieldFault, InvalidInput
from domain.identity.errors import OwnAccount
from domain.identity.roles import Permission
from domain.ids import OrderId, RefundId, new_id
from domain.ledger.posting import post
from domain.ledger.transfer import require_movable
from domain.money import Money
from domain.orders.errors import OrderNotFound, OrderNotRefundable, RefundTooLarge
from domain.orders.order import Order, OrderStatus
from domain.refunds.postings import given_back
from domain.refunds.refund import Refund
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork
from domain.wallets.opening import open_wallet


async def create_refund(
    uow: UnitOfWork, *, order_id: OrderId, amount: Money | None, reason: str
) -> tuple[Order, Refund]:
    """Give a customer a part of a price back, or all that is left of it where no amount is named: by finance.

    Raises:
        OrderNotFound: there is none.
        OwnAccount: nobody of finance takes back what they bought themselves.
        OrderNotRefundable: it was never delivered, or was given back whole.
        RefundTooLarge: all refunds together would be more than the price.
        InsufficientFunds: the merchant is owed less than its part of it; what was settled cannot be taken back here.
        InvalidInput: no reason, no positive amount, or one in another asset than the price.
    """
    why = reason_line(reason)
    uow.because(why)
    order = await uow.orders.get_for_update(order_id)
    return order, await _give_back(uow, order, amount, why)


async def refund_order(uow: UnitOfWork, *, order_id: OrderId, reason: str) -> Order:
    """Take an order back: by its merchant, or by finance. All that is left of the price goes into the customer's
    wallet, also where it came by a rail. Its code is not sold again.

    Raises:
        OrderNotFound: no such order of the actor's merchants.
        OwnAccount, OrderNotRefundable, InsufficientFunds, InvalidInput: as for `create_refund`.
    """
    why = reason_line(reason)
    uow.because(why)
    order = await uow.orders.get_for_update(order_id)
    if order.merchant_owner_id != uow.actor.user and not uow.actor.may(Permission.MERCHANT_VERIFY):
        raise OrderNotFound
    await _give_back(uow, order, None, why)
    return order


async def _give_back(uow: UnitOfWork, order: Order, amount: Money | None, reason: str) -> Refund:
    if order.buyer_id == uow.actor.user:
        raise OwnAccount
    if order.status is not OrderStatus.DELIVERED:
        raise OrderNotRefundable
    given = _checked(order, amount or order.left_to_refund)
    before = order.refunded
    uow.emit(order.give_back(given, reason, at=uow.now))
    refund = Refund(
        id=RefundId(new_id()),
        order_id=order.id,
        place=await uow.refunds.count(order.id) + 1,
        amount=given,
        from_merchant_minor=_merchants(order, order.refunded) - _merchants(order, before),
        from_market_minor=_markets(order, order.refunded) - _markets(order, before),
        reason=reason,
        made_by=uow.actor.user,
        made_at=uow.now,
    )
    await uow.refunds.add(refund)
    await open_wallet(uow, user_id=order.buyer_id, asset=order.price.asset)
    await post(uow, given_back(order, refund))
    return refund


def _checked(order: Order, amount: Money) -> Money:
    if amount.asset is not order.price.asset:
        raise InvalidInput(FieldFault(("amount", "asset"), f"must be {order.price.asset.code}, as the price is"))
    require_movable(amount, path=("amount", "amount"))
    if order.left_to_refund < amount:
        raise RefundTooLarge(order.left_to_refund)
    return amount


def _merchants(order: Order, refunded: Money) -> int:
    """What the merchant has given back when so much of the price was: rounded down, and all of it in the end."""
    return (order.value_minor - order.fee_minor) * refunded.minor // order.price.minor


def _markets(order: Order, refunded: Money) -> int:
    """The same of the market's share: rounded up, so that both together are the price where that is in USDT."""
    return -(-order.fee_minor * refunded.minor // order.price.minor)

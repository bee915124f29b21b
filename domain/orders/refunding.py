"""Refunding: a customer has the whole price back."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.identity.roles import Permission
from domain.ids import OrderId
from domain.ledger.posting import post
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order
from domain.orders.postings import order_refunded
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork
from domain.wallets.opening import open_wallet


async def refund_order(uow: UnitOfWork, *, order_id: OrderId, reason: str) -> Order:
    """Take an order back: by its merchant, or by finance. The price goes into the customer's wallet, also where it
    came by a rail. Its code is not sold again.

    Raises:
        OrderNotFound: no such order of the actor's merchants.
        OwnAccount: nobody of finance takes back what they bought themselves.
        OrderNotRefundable: it was never delivered, or was refunded before.
        InsufficientFunds: the merchant is owed less than its share of it; what was settled cannot be taken back here.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    uow.because(why)
    order = await uow.orders.get_for_update(order_id)
    if order.merchant_owner_id != uow.actor.user and not uow.actor.may(Permission.MERCHANT_VERIFY):
        raise OrderNotFound
    if order.buyer_id == uow.actor.user:
        raise OwnAccount
    uow.emit(order.refund(why, at=uow.now))
    await open_wallet(uow, user_id=order.buyer_id, asset=order.price.asset)
    await post(uow, order_refunded(order))
    return order

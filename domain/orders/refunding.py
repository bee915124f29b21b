"""Refunding: a customer has the whole price back."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.identity.roles import Permission
from domain.ids import OrderId
from domain.ledger.posting import post
from domain.ledger.transfer import reverse
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order
from domain.orders.postings import order_paid
from domain.text import reason_line
from domain.unit_of_work import UnitOfWork


async def refund_order(uow: UnitOfWork, *, order_id: OrderId, reason: str) -> Order:
    """Take an order back move by move: by its merchant, or by finance. Its code is not sold again.

    Raises:
        OrderNotFound: no such order of the actor's merchants.
        OwnAccount: nobody of finance takes back what they bought themselves.
        OrderNotRefundable: it was refunded before.
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
    await post(uow, reverse(order_paid(order)))
    return order

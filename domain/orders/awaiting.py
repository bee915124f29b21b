"""Awaiting: what becomes of orders that wait for their payments."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.ids import OrderId
from domain.ledger.posting import post
from domain.orders.errors import OrderNotCancellable
from domain.orders.order import Order
from domain.orders.postings import order_paid
from domain.payments.intent import PaymentIntent
from domain.payments.state import PaymentState
from domain.unit_of_work import UnitOfWork


async def complete_order(uow: UnitOfWork, intent: PaymentIntent) -> bool:
    """Deliver what was set aside, now that its money is there. False when its merchant does not sell any more: the
    order is cancelled then, and the money is the payer's. A product that was merely paused or repriced is delivered.

    Only `fulfilment.receive_payment` calls it, once for a payment.

    Raises:
        OwnAccount: who says that the money is there would be owed it.
    """
    order = await uow.orders.get_awaiting_for_update(intent.id)
    if order.merchant_owner_id == uow.actor.user:
        raise OwnAccount
    merchant, is_owner_blocked = await uow.merchants.get_with_owner(order.merchant_id)
    if not merchant.is_open or is_owner_blocked:
        await _let_go(uow, order, "The merchant does not sell at present; the money is in your wallet.")
        return False
    uow.emit(order.deliver(at=uow.now))
    await post(uow, order_paid(order, source=intent.account))
    return True


async def cancel_order(uow: UnitOfWork, *, order_id: OrderId) -> Order:
    """End an order of the actor's that waits for its payment, and the payment with it. What arrives for it
    nevertheless is credited to the actor's wallet.

    Raises:
        OrderNotFound: no such order of the actor.
        OrderNotCancellable: it was paid, or cancelled before.
    """
    payment_id = await uow.orders.payment_of(order_id, uow.actor.user_id)
    if payment_id is None:
        raise OrderNotCancellable
    intent = await uow.payments.get_for_update(payment_id)
    order = await uow.orders.get_for_update(order_id)
    if not order.is_awaiting:
        raise OrderNotCancellable
    if not intent.state.is_ended:
        uow.emit(intent.cancel(at=uow.now))
    await _let_go(uow, order, "Cancelled by the customer.")
    return order


async def follow_order_payments(uow: UnitOfWork, *, limit: int) -> int:
    """Cancel at most `limit` orders whose payments ended unpaid; answers how many."""
    behind = await uow.orders.behind_their_payments(limit=limit)
    for order, state, failure in behind:
        await _let_go(uow, order, _why(state, failure))
    return len(behind)


def _why(state: PaymentState, failure: str | None) -> str:
    match state:
        case PaymentState.CANCELLED:
            return "The payment was cancelled."
        case PaymentState.EXPIRED:
            return "Nobody paid in time."
        case _:
            assert failure is not None, "a payment says why it failed"
            return failure


async def _let_go(uow: UnitOfWork, order: Order, reason: str) -> None:
    uow.emit(order.cancel(reason, at=uow.now))
    await uow.products.release_code(order.id)

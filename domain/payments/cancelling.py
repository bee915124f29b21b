"""A payer changes their mind."""

from __future__ import annotations

from domain.ids import PaymentId
from domain.payments.errors import PaymentNotFound
from domain.payments.intent import PaymentIntent
from domain.unit_of_work import UnitOfWork


async def cancel_payment(uow: UnitOfWork, *, payment_id: PaymentId) -> PaymentIntent:
    """End an open payment of the actor's. What arrives for it nevertheless is credited to their wallet.

    Raises:
        PaymentNotFound: no such payment of the actor.
        PaymentAlreadyEnded: it has ended.
    """
    intent = await uow.payments.get_for_update(payment_id)
    if intent.payer_id != uow.actor.user_id:
        raise PaymentNotFound
    uow.emit(intent.cancel(at=uow.now))
    return intent

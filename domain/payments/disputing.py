"""A dispute is noted, once, and followed to its end."""

from __future__ import annotations

from domain.ids import DisputeId, PaymentId, new_id
from domain.payments.acquirer import DisputeView
from domain.payments.checkout_views import CheckoutMismatch, Seen, Taken
from domain.payments.dispute import Dispute
from domain.payments.state import Rail
from domain.unit_of_work import UnitOfWork


async def note_dispute(uow: UnitOfWork, *, rail: Rail, view: DisputeView) -> Taken | CheckoutMismatch:
    """Note how a dispute stands. No money moves: what the acquirer takes back, finance books by hand."""
    payment_id = await _payment_of(uow, rail, view)
    if payment_id is None:
        return CheckoutMismatch.PAYMENT
    if view.amount is None:
        return CheckoutMismatch.CURRENCY
    if not view.amount.is_positive:
        return CheckoutMismatch.AMOUNT
    # The payment's row is what two tellings of the same dispute meet at.
    await uow.payments.get_for_update(payment_id)
    dispute = await uow.disputes.find_for_update(rail, view.dispute_id)
    if dispute is not None and dispute.payment_id != payment_id:
        return CheckoutMismatch.CHECKOUT
    if dispute is not None and not dispute.follow(view):
        return Taken(seen=Seen.NOTHING_NEW)
    if dispute is None:
        dispute = Dispute(
            id=DisputeId(new_id()),
            payment_id=payment_id,
            rail=rail,
            provider_id=view.dispute_id,
            amount=view.amount,
            reason=view.reason,
            status=view.status,
            opened_at=uow.now,
            told_at=view.told_at,
        )
        await uow.disputes.add(dispute)
    uow.emit(dispute.told)
    return Taken(seen=Seen.NOTED)


async def _payment_of(uow: UnitOfWork, rail: Rail, view: DisputeView) -> PaymentId | None:
    if view.provider_id is not None:
        return await uow.checkouts.payment_of_provider_id(rail, view.provider_id)
    return None if view.receipt is None else await uow.payments.payment_of_receipt(rail, view.receipt)

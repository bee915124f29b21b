"""A payer's app shows that its acquirer has the payer's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import PaymentId
from domain.payments.acquirer import CheckoutSignatures
from domain.payments.checkout_state import CheckoutState
from domain.payments.errors import NothingToConfirm, PaymentAlreadyEnded, PaymentNotFound
from domain.payments.intent import PaymentIntent
from domain.payments.state import Rail
from domain.text import line
from domain.unit_of_work import UnitOfWork

AUTHORIZATION_LENGTH_MAX: Final = 64


async def confirm_checkout(
    uow: UnitOfWork,
    *,
    payment_id: PaymentId,
    authorization: str,
    signature: str,
    signatures: Mapping[Rail, CheckoutSignatures],
) -> PaymentIntent:
    """Have taken what the actor agreed to, without waiting for the acquirer's callback. Shown again, it does nothing.

    The signature counts for the acquirer's name that we stored, not for one that the app says.

    Raises:
        PaymentNotFound: no such payment of the actor.
        NothingToConfirm: its rail has no such signatures, or it is not open at its acquirer yet.
        PaymentAlreadyEnded: it ended unpaid.
        InvalidInput: the acquirer did not sign this.
    """
    agreed = line(authorization, path=("providerPaymentId",), shortest=1, longest=AUTHORIZATION_LENGTH_MAX)
    intent = await uow.payments.get_for_update(payment_id)
    if intent.payer_id != uow.actor.user_id:
        raise PaymentNotFound
    known = signatures.get(intent.rail)
    if known is None:
        raise NothingToConfirm
    checkout = await uow.checkouts.get_for_update(payment_id)
    if checkout.provider_id is None:
        raise NothingToConfirm
    if not known.is_signed(provider_id=checkout.provider_id, authorization=agreed, signature=signature):
        raise InvalidInput(FieldFault(("signature",), "is not the acquirer's"))
    if checkout.state is CheckoutState.PAID:
        return intent
    if intent.state.is_ended:
        raise PaymentAlreadyEnded(intent.state)
    if checkout.state is not CheckoutState.APPROVED:
        checkout.agree(agreed, at=uow.now)
        uow.emit(intent.told)
    return intent

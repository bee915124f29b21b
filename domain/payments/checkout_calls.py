"""Acquirers are asked by waiting rows: what to ask is committed before, and what they answered is kept after."""

from __future__ import annotations

from dataclasses import dataclass

from domain.gateways import Sealer
from domain.ids import PaymentId
from domain.payments.acquirer import (
    AcquirerAnswer,
    AcquirerBusy,
    AcquirerRefused,
    AcquirerUnknown,
    CheckoutOrder,
    CheckoutView,
)
from domain.payments.bank_transfer import new_reference
from domain.payments.checkout import Checkout, require_chargeable
from domain.payments.checkout_state import AcquirerCall, CheckoutState
from domain.payments.checkout_views import CheckoutMismatch, Taken, take_view
from domain.payments.intent import PaymentIntent
from domain.payments.state import PaymentState, Rail
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCall:
    """A call that is ours to make until its lease ends."""

    payment_id: PaymentId
    rail: Rail
    call: AcquirerCall
    order: CheckoutOrder


async def ask_acquirer(uow: UnitOfWork, intent: PaymentIntent, *, path: tuple[str, ...]) -> Checkout:
    """Have a payment opened at the acquirer of its rail; a job does it at once. `path` is where the amount was named.

    Raises:
        RailUnavailable: the acquirer does not take this asset.
        InvalidInput: more than it takes at once.
    """
    require_chargeable(intent.rail, intent.amount, path=path)
    checkout = Checkout(payment_id=intent.id, rail=intent.rail, reference=new_reference(), next_call_at=uow.now)
    await uow.checkouts.add(checkout)
    uow.emit(intent.told)
    return checkout


async def claim_calls(uow: UnitOfWork, *, limit: int) -> list[ClaimedCall]:
    """What is to be asked now; commit before asking. Whose payment ended before it was opened need not be asked, and
    whose acquirer could not say for a day is asked no more: what comes by a callback counts nevertheless.
    """
    claimed: list[ClaimedCall] = []
    for intent, checkout in await uow.checkouts.due(limit=limit):
        is_wanted = not intent.state.is_ended and (checkout.is_agreed or intent.expires_at > uow.now)
        call = checkout.next_call(is_wanted=is_wanted)
        if call is None or checkout.is_given_up(at=uow.now):
            checkout.end(CheckoutState.CLOSED)
            continue
        order = checkout.call(intent.amount, at=uow.now)
        claimed.append(ClaimedCall(payment_id=intent.id, rail=intent.rail, call=call, order=order))
    return claimed


async def close_ended(uow: UnitOfWork, *, limit: int) -> int:
    """Have closed what is open at an acquirer though its payment has ended; answers how many."""
    ended = await uow.checkouts.to_close(limit=limit)
    for checkout in ended:
        checkout.close(at=uow.now)
    return len(ended)


async def record_answer(
    uow: UnitOfWork, claimed: ClaimedCall, answer: AcquirerAnswer, *, sealer: Sealer
) -> Taken | CheckoutMismatch | AcquirerAnswer:
    """Keep what an acquirer answered. A callback may have been faster: then only what is newer counts."""
    if claimed.call is AcquirerCall.CAPTURE and _is_untaken(answer):
        answer = AcquirerUnknown("NOT_TAKEN")
    if not isinstance(answer, AcquirerRefused | AcquirerBusy | AcquirerUnknown):
        return await take_view(uow, payment_id=claimed.payment_id, view=answer, sealer=sealer)
    intent = await uow.payments.get_for_update(claimed.payment_id)
    checkout = await uow.checkouts.get_for_update(claimed.payment_id)
    if checkout.state.is_ended:
        return answer
    match answer:
        case AcquirerRefused() if claimed.call is AcquirerCall.OPEN and checkout.state.is_unopened:
            checkout.end(CheckoutState.REFUSED)
            if not intent.state.is_ended:
                uow.emit(intent.fail(f"{answer.code}: The payment was not accepted.", at=uow.now))
        case AcquirerRefused() if claimed.call is AcquirerCall.CAPTURE:
            checkout.decline_capture(answer.code, at=uow.now)
            if intent.state is PaymentState.AWAITING_PAYER:
                uow.emit(intent.told)
        case AcquirerBusy():
            checkout.ask_again(at=uow.now, wait=answer.wait)
        case _:
            if isinstance(answer, AcquirerUnknown) and answer.is_kept and checkout.state.is_unopened:
                checkout.rename()
            checkout.ask_again(at=uow.now)
    return answer


def _is_untaken(answer: AcquirerAnswer) -> bool:
    """What is agreed to still was not taken: asked for again later, not at once."""
    return isinstance(answer, CheckoutView) and answer.state is CheckoutState.APPROVED

"""A payer is asked on their phone: once, whatever becomes of the asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from domain.errors import QuotaExceeded
from domain.ids import PaymentId
from domain.payments.bank_transfer import new_reference
from domain.payments.intent import PaymentIntent
from domain.payments.mobile_money import (
    PushAccepted,
    PushDeferred,
    PushOutcome,
    PushRefused,
    PushUnknown,
    StkPush,
    require_pushable,
)
from domain.payments.mpesa_request import MpesaRequest, PushState, require_mpesa_phone
from domain.unit_of_work import UnitOfWork

QUOTA_WINDOW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPush:
    """A push that is ours to make, once."""

    payment_id: PaymentId
    push: StkPush


async def ask_by_phone(
    uow: UnitOfWork, intent: PaymentIntent, *, phone: str | None, path: tuple[str, ...] = ("amount",)
) -> MpesaRequest:
    """Have the payer asked on a phone, the actor's own unless another is named; a job does it at once.

    Raises:
        InvalidInput: no Kenyan number, or not 1 to 250 000 whole shillings.
        QuotaExceeded: the phone was asked as often as an hour allows, by whomever.
    """
    require_pushable(intent.amount, path=path)
    if phone is None:
        phone = (await uow.users.get(uow.actor.user_id)).phone
    phone = require_mpesa_phone(phone)
    await _require_quota(uow, phone)
    request = MpesaRequest(
        payment_id=intent.id,
        phone=phone,
        reference=new_reference(),
        next_attempt_at=uow.now,
    )
    await uow.mpesa_requests.add(request)
    uow.emit(intent.told)
    return request


async def _require_quota(uow: UnitOfWork, phone: str) -> None:
    allowed = uow.quotas.phone_prompts_per_hour
    if allowed is None:
        return
    asked = await uow.mpesa_requests.asked_at(phone, since=uow.now - QUOTA_WINDOW)
    if len(asked) >= allowed:
        free_at = asked[len(asked) - allowed] + QUOTA_WINDOW
        raise QuotaExceeded(
            "This phone was asked too often; try again later.",
            retry_after_seconds=ceil((free_at - uow.now).total_seconds()),
        )


async def claim_pushes(uow: UnitOfWork, *, limit: int) -> list[ClaimedPush]:
    """Mark what is due as being sent. Commit before pushing: nobody claims it again, whatever becomes of us."""
    return [
        ClaimedPush(payment_id=intent.id, push=request.send(shillings=require_pushable(intent.amount), at=uow.now))
        for intent, request in await uow.mpesa_requests.to_push(limit=limit)
    ]


async def give_up_pushes(uow: UnitOfWork, *, limit: int) -> int:
    """Whoever was sending and did not come back may have pushed; whose payment has ended need not be asked."""
    lost = await uow.mpesa_requests.to_give_up(limit=limit)
    for request in lost:
        request.leave(PushState.UNKNOWN if request.state is PushState.SENDING else PushState.DROPPED)
    return len(lost)


async def record_push(uow: UnitOfWork, *, payment_id: PaymentId, outcome: PushOutcome) -> PushOutcome:
    """Keep what a push came to. A callback may have been faster: then there was a prompt, whatever the answer says."""
    intent = await uow.payments.get_for_update(payment_id)
    request = await uow.mpesa_requests.get_for_update(payment_id)
    if request.checkout_request_id is not None:
        return _compared(request, outcome)
    match outcome:
        case PushAccepted():
            request.accept(outcome)
            await_payer(uow, intent, request)
        case PushDeferred():
            request.defer(until=uow.now + outcome.wait)
        case PushRefused():
            request.leave(PushState.REFUSED)
            if not intent.state.is_ended:
                uow.emit(intent.fail(f"{outcome.code}: M-Pesa did not take the request.", at=uow.now))
        case PushUnknown():
            request.leave(PushState.UNKNOWN)
    return outcome


def await_payer(uow: UnitOfWork, intent: PaymentIntent, request: MpesaRequest) -> None:
    """The prompt is on the phone."""
    assert request.checkout_request_id is not None, "it is known"
    if not intent.state.is_ended:
        uow.emit(intent.await_payer(provider_reference=request.checkout_request_id, at=uow.now))


def _compared(request: MpesaRequest, outcome: PushOutcome) -> PushOutcome:
    if isinstance(outcome, PushAccepted):
        if outcome.checkout_request_id != request.checkout_request_id:
            return PushUnknown("ANOTHER_CHECKOUT")
        request.merchant_request_id = outcome.merchant_request_id
    return outcome

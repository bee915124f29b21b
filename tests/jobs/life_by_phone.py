"""What M-Pesa does to payments in a life: it accepts, refuses or keeps silent, and calls back whatever it likes."""

from __future__ import annotations

from random import Random
from typing import Final

from domain.fulfilment import receive_payment
from domain.ids import PaymentId
from domain.payments.intent import PaymentIntent
from domain.payments.mobile_money import PushAccepted, PushOutcome, PushRefused, PushUnknown, StkResult
from domain.payments.mpesa_answers import Mismatch, take_callback
from domain.payments.mpesa_pushes import claim_pushes, record_push
from tests.commands import Commands

CODES: Final = ("0", "0", "0", "0", "1032", "2001", "1037")


async def push(commands: Commands, random: Random) -> list[PaymentId]:
    """Ask who is to be asked; answers which payments M-Pesa may have heard of."""
    async with commands.by_system() as uow:
        claimed = await claim_pushes(uow, limit=5)
    asked: list[PaymentId] = []
    for each in claimed:
        outcome = _outcome(each.payment_id, random)
        if not isinstance(outcome, PushRefused):
            asked.append(each.payment_id)
        if random.random() < 0.9:  # else whoever asked died before they kept the answer
            async with commands.by_system() as uow:
                await record_push(uow, payment_id=each.payment_id, outcome=outcome)
    return asked


async def call_back(commands: Commands, random: Random, intent: PaymentIntent, *, phone: str) -> None:
    """One word of M-Pesa, which may contradict an earlier one or repeat it."""
    result = StkResult(
        checkout_request_id=f"ws_CO_{intent.id.hex}",
        code=random.choice(CODES),
        amount=intent.amount,
        phone=phone.removeprefix("+"),
        receipt=f"R{intent.id.hex[-10:]}",
    )
    async with commands.by_system() as uow:
        answer = await take_callback(uow, payment_id=intent.id, result=result)
        if not isinstance(answer, Mismatch) and answer.receipt is not None:
            await receive_payment(uow, answer.receipt)


def _outcome(payment_id: PaymentId, random: Random) -> PushOutcome:
    match random.random():
        case luck if luck < 0.7:
            return PushAccepted(merchant_request_id="m", checkout_request_id=f"ws_CO_{payment_id.hex}")
        case luck if luck < 0.85:
            return PushUnknown("TIMEOUT")
    return PushRefused("400.002.02")

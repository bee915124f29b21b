"""What became of a prompt, by a callback or by a query: in whatever order, however often, and from whomever.

The receipt's number is the checkout id, and a checkout is paid once: so a callback and a query never book twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.ids import PaymentId
from domain.payments.events import PaymentUpdated
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.mobile_money import StkResult
from domain.payments.mpesa_pushes import await_payer
from domain.payments.mpesa_request import MpesaRequest
from domain.payments.mpesa_results import SUCCESS, failure_of, meaning_of
from domain.payments.state import PaymentState, Rail
from domain.settings.platform_settings import SETTINGS
from domain.unit_of_work import UnitOfWork

CONFIRM_ABOVE: Final = SETTINGS["mpesa_confirm_above_kes_minor"]


class Mismatch(StrEnum):
    """What about a callback does not fit our record."""

    CHECKOUT = "CHECKOUT"
    """Another prompt than that of the payment whose address was called."""
    AMOUNT = "AMOUNT"
    """Not exactly what was asked for."""
    PHONE = "PHONE"
    """Not the phone that was asked."""
    RECEIPT = "RECEIPT"
    """No number of M-Pesa's, or one that another payment has."""


class Answered(StrEnum):
    """What an answer of the provider did."""

    PAID = "PAID"
    """There is a receipt to be taken in."""
    CONFIRMING = "CONFIRMING"
    """It is a large sum: the provider is asked before it is believed."""
    ENDED = "ENDED"
    """The payment will not be paid by this prompt."""
    NOTHING_NEW = "NOTHING_NEW"
    """The provider's last word was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was made of an answer. `alerts`: people of ours have to look at it."""

    answered: Answered
    receipt: Receipt | None = None
    alerts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DueQuery:
    """A prompt to be asked about; for the last time when nobody will ask again."""

    payment_id: PaymentId
    checkout_request_id: str
    is_last: bool


async def take_callback(uow: UnitOfWork, *, payment_id: PaymentId, result: StkResult) -> Answer | Mismatch:
    """Take in what came to the address of this payment. What does not fit our record changes nothing."""
    intent = await uow.payments.get_for_update(payment_id)
    request = await uow.mpesa_requests.get_for_update(payment_id)
    mismatch = await _mismatch(uow, intent, request, result)
    if mismatch is not None:
        return mismatch
    if request.checkout_request_id is None:
        request.know(result.checkout_request_id)
        await_payer(uow, intent, request)
    if result.code != SUCCESS:
        # A success that is being confirmed is not undone by a later word from outside; the query decides.
        return Answer(answered=Answered.NOTHING_NEW) if request.receipt else _doubt(uow, intent, request, result.code)
    request.receipt = result.receipt
    if intent.amount.minor > int(await uow.settings.value(CONFIRM_ABOVE)) and request.result_code != SUCCESS:
        request.next_query_at = uow.now
        return Answer(answered=Answered.CONFIRMING)
    return _succeed(intent, request)


async def claim_queries(uow: UnitOfWork, *, limit: int) -> list[DueQuery]:
    """Prompts that are to be asked about now; the next time is planned before the provider is asked."""
    due: list[DueQuery] = []
    for request in await uow.mpesa_requests.to_query(limit=limit):
        assert request.checkout_request_id is not None, "only what is known is asked about"
        request.query(at=uow.now)
        due.append(
            DueQuery(
                payment_id=request.payment_id,
                checkout_request_id=request.checkout_request_id,
                is_last=request.next_query_at is None,
            )
        )
    return due


async def take_query_result(uow: UnitOfWork, *, payment_id: PaymentId, result: StkResult) -> Answer:
    """Take in what the provider said when it was asked, which goes before every callback."""
    intent = await uow.payments.get_for_update(payment_id)
    request = await uow.mpesa_requests.get_for_update(payment_id)
    assert result.checkout_request_id == request.checkout_request_id, "it answers what was asked"
    return _succeed(intent, request) if result.code == SUCCESS else _end(uow, intent, request, result.code)


async def _mismatch(
    uow: UnitOfWork, intent: PaymentIntent, request: MpesaRequest, result: StkResult
) -> Mismatch | None:
    owner = await uow.mpesa_requests.payment_of_checkout(result.checkout_request_id)
    # Where the push was never answered, the callback is the first to name its checkout.
    if owner != intent.id and not (owner is None and request.checkout_request_id is None):
        return Mismatch.CHECKOUT
    return await _false_success(uow, intent, request, result) if result.code == SUCCESS else None


async def _false_success(
    uow: UnitOfWork, intent: PaymentIntent, request: MpesaRequest, result: StkResult
) -> Mismatch | None:
    if result.amount != intent.amount:
        return Mismatch.AMOUNT
    if result.phone != request.msisdn:
        return Mismatch.PHONE
    owner = None if result.receipt is None else await uow.mpesa_requests.payment_of_receipt(result.receipt)
    return Mismatch.RECEIPT if result.receipt is None or owner not in (None, intent.id) else None


def _succeed(intent: PaymentIntent, request: MpesaRequest) -> Answer:
    assert request.checkout_request_id is not None, "it is known"
    is_news = request.result_code != SUCCESS
    request.end(SUCCESS)
    receipt = Receipt(payment_id=intent.id, rail=Rail.MPESA, amount=intent.amount, number=request.checkout_request_id)
    return Answer(answered=Answered.PAID if is_news else Answered.NOTHING_NEW, receipt=receipt)


def _doubt(uow: UnitOfWork, intent: PaymentIntent, request: MpesaRequest, code: str) -> Answer:
    if request.result_code is not None:
        return Answer(answered=Answered.NOTHING_NEW, alerts=request.result_code == SUCCESS)
    request.doubt(code, at=uow.now)
    return _ended(uow, intent, code)


def _end(uow: UnitOfWork, intent: PaymentIntent, request: MpesaRequest, code: str) -> Answer:
    if request.result_code == SUCCESS:
        return Answer(answered=Answered.NOTHING_NEW, alerts=True)
    request.end(code)
    return _ended(uow, intent, code)


def _ended(uow: UnitOfWork, intent: PaymentIntent, code: str) -> Answer:
    if not intent.state.is_ended:
        uow.emit(_ENDS[meaning_of(code).state](intent, code, uow.now))
    return Answer(answered=Answered.ENDED, alerts=meaning_of(code).alerts)


_ENDS: Final[Mapping[PaymentState, Callable[[PaymentIntent, str, datetime], PaymentUpdated]]] = MappingProxyType(
    {
        PaymentState.CANCELLED: lambda intent, _, at: intent.cancel(at=at),
        PaymentState.EXPIRED: lambda intent, _, at: intent.expire(at=at),
        PaymentState.FAILED: lambda intent, code, at: intent.fail(failure_of(code), at=at),
    }
)

"""M-Pesa Express, which shows a prompt on the payer's phone (STK push), by Daraja's HTTP API."""

from __future__ import annotations

from typing import Final

import structlog

from domain.clock import Clock
from domain.errors import GatewayFault
from domain.payments.mobile_money import (
    PushAccepted,
    PushDeferred,
    PushOutcome,
    PushRefused,
    PushUnknown,
    StkPush,
    StkResult,
)
from integrations.mpesa.account import DarajaAccount
from integrations.mpesa.callbacks import code_of, read_callback, text_of
from integrations.mpesa.daraja_http import DarajaHttp, NoToken
from integrations.mpesa.refusals import BUSY_WAIT, object_in, outcome_of, refusal_in
from integrations.outbound_http import OK, NotSent, OutboundAnswer, OutboundHttp, Unanswered

PUSH: Final = "/mpesa/stkpush/v1/processrequest"
QUERY: Final = "/mpesa/stkpushquery/v1/query"
ACCEPTED: Final = "0"
DESCRIPTION: Final = "Sokoni"  # at most 13 characters
STILL_PROCESSING: Final = frozenset({"4999"})  # seen in the field as the result of a prompt that is still open

log = structlog.get_logger("sokoni.mpesa")


class MpesaExpress:
    """See the port `MobileMoney`."""

    def __init__(self, account: DarajaAccount, *, clock: Clock, http: OutboundHttp | None = None) -> None:
        self._account, self._clock = account, clock
        self._daraja = DarajaHttp(account, clock=clock, http=http)

    async def push(self, push: StkPush) -> PushOutcome:
        """Ask Daraja to show the prompt; what it did not understand because of the token, it is asked once more."""
        body = self._account.signature(self._clock.now()) | {
            "TransactionType": self._account.transaction_type.value,
            "Amount": push.shillings,
            "PartyA": int(push.phone),
            "PartyB": int(self._account.receiver),
            "PhoneNumber": int(push.phone),
            "CallBackURL": self._account.callback_address(push.callback_token),
            "AccountReference": push.reference,
            "TransactionDesc": DESCRIPTION,
        }
        try:
            return _pushed(await self._daraja.post(PUSH, body))
        except NoToken as fault:
            return PushDeferred(fault.why, BUSY_WAIT)
        except NotSent as fault:
            return PushDeferred(fault.provider_code or "NOT_SENT", BUSY_WAIT)
        except Unanswered as fault:
            return PushUnknown(fault.provider_code or "NO_ANSWER")

    async def query(self, checkout_request_id: str) -> StkResult | None:
        """Ask Daraja what became of the prompt; HTTP 500 is its way of saying that it does not know yet."""
        body = self._account.signature(self._clock.now()) | {"CheckoutRequestID": checkout_request_id}
        try:
            answer = await self._daraja.post(QUERY, body)
        except (NoToken, GatewayFault):
            return None
        said = object_in(answer.body)
        code = code_of(said.get("ResultCode"))
        if answer.status != OK or code is None or said.get("ResponseCode") != ACCEPTED or code in STILL_PROCESSING:
            refusal = refusal_in(answer)
            log.info("result_not_known", status=answer.status, provider_code=refusal.code if refusal else code)
            return None
        if said.get("CheckoutRequestID") != checkout_request_id:
            log.error("result_of_another", asked=checkout_request_id)
            return None
        return StkResult(checkout_request_id=checkout_request_id, code=code)

    def read_callback(self, body: bytes) -> StkResult:
        """See the port."""
        return read_callback(body)


def _pushed(answer: OutboundAnswer) -> PushOutcome:
    said = object_in(answer.body)
    if answer.status != OK or "errorCode" in said:
        return outcome_of(answer)
    code = code_of(said.get("ResponseCode"))
    merchant, checkout = text_of(said.get("MerchantRequestID")), text_of(said.get("CheckoutRequestID"))
    if code == ACCEPTED and merchant and checkout:
        return PushAccepted(merchant, checkout)
    if code is None or code == ACCEPTED:
        return PushUnknown("UNREADABLE")
    return PushRefused(code)

"""Payments to people's phones (B2C), and questions about them, by Daraja's HTTP API.

Both are answered by `ResponseCode` "0" when they are taken, and by a callback when it is known what became of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import structlog

from domain.errors import GatewayFault
from domain.money import Money
from domain.payments.mobile_money import SHILLING_MINOR
from domain.payouts.callback import KeyedDigests, PayoutCallbackKind, RailWord, token_of
from domain.payouts.outcome import Accepted, Deferred, Outcome, Unknown
from domain.payouts.payout import Payout
from domain.payouts.rail_pause import Reach
from integrations.mpesa.account import DarajaAccount
from integrations.mpesa.b2c_account import B2cAccount
from integrations.mpesa.b2c_callbacks import read_word
from integrations.mpesa.callbacks import code_of, text_of
from integrations.mpesa.daraja_http import DarajaHttp, NoToken
from integrations.mpesa.refusals import BAD_REQUEST, BUSY, BUSY_WAIT, TOKEN_EXPIRED, TOO_MANY, object_in, refusal_in
from integrations.outbound_http import OK, SERVER_FAULT, NotSent, OutboundAnswer, Unanswered

PAY: Final = "/mpesa/b2c/v3/paymentrequest"
ASK: Final = "/mpesa/transactionstatus/v1/query"
ACCEPTED: Final = "0"
DUPLICATE: Final = "500.002.1001"
SHORT_CODE: Final = "4"  # as Daraja counts kinds of identifiers
REMARKS: Final = "Sokoni payout"  # 2 to 100 characters
TOO_LATE: Final = 408  # of a gateway that lost its patience, whatever became of the request behind it
CERTIFICATE_WAIT: Final = timedelta(minutes=1)

log = structlog.get_logger("sokoni.mpesa")


class MpesaPayouts:
    """See the ports `PayoutSender` and `CallbackReader`."""

    def __init__(self, account: DarajaAccount, payer: B2cAccount, *, daraja: DarajaHttp, secrets: KeyedDigests) -> None:
        self._account, self._payer, self._daraja, self._secrets = account, payer, daraja, secrets

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        """Have a phone paid, under our own name for it: Daraja refuses the same name a second time."""
        assert payout.sent_as is not None, "its name was stored before"
        try:
            body = {
                "OriginatorConversationID": payout.sent_as,
                "InitiatorName": self._payer.initiator,
                "SecurityCredential": self._payer.security_credential(),
                "CommandID": self._payer.command.value,
                "Amount": shillings_of(payout.amount),
                "PartyA": self._payer.short_code,
                "PartyB": destination.removeprefix("+"),
                "Remarks": REMARKS,
                **self._addresses(payout, PayoutCallbackKind.RESULT),
                # Spelt so.
                "Occassion": payout.sent_as,
            }
        except GatewayFault as fault:
            return Deferred(why=fault.provider_code or "NO_CERTIFICATE", wait=CERTIFICATE_WAIT)
        try:
            return _taken(await self._daraja.post(PAY, body))
        except NoToken as fault:
            return Deferred(why=fault.why, wait=BUSY_WAIT)
        except NotSent as fault:
            return Deferred(why=fault.provider_code or "NOT_SENT", wait=BUSY_WAIT)
        except Unanswered:
            return Unknown()

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        """Ask what became of it; the answer comes to the address of its callbacks."""
        assert payout.sent_as is not None, "its name was stored before it was sent"
        body = {
            "Initiator": self._payer.initiator,
            "SecurityCredential": self._payer.security_credential(),
            "CommandID": "TransactionStatusQuery",
            "OriginalConversationID": payout.sent_as,
            "PartyA": self._payer.short_code,
            "IdentifierType": SHORT_CODE,
            "Remarks": REMARKS,
            **self._addresses(payout, PayoutCallbackKind.STATUS),
            "Occasion": payout.sent_as,
        }
        try:
            answer = await self._daraja.post(ASK, body)
        except (NoToken, GatewayFault):
            return Unknown()
        return _asked(answer)

    def read(self, kind: PayoutCallbackKind, body: bytes) -> RailWord:
        """See the port."""
        return read_word(kind, body)

    def _addresses(self, payout: Payout, kind: PayoutCallbackKind) -> dict[str, str]:
        token = token_of(payout.id, self._secrets)
        late = PayoutCallbackKind.TIMEOUT
        return {
            "QueueTimeOutURL": self._account.payout_address(token, late.value.lower()),
            "ResultURL": self._account.payout_address(token, kind.value.lower()),
        }


def shillings_of(amount: Money) -> int:
    """Whole shillings, as they were required when the payout was asked for."""
    shillings, cents = divmod(amount.minor, SHILLING_MINOR)
    assert cents == 0, "whole shillings were required"
    return shillings


def _taken(answer: OutboundAnswer) -> Outcome:
    said: dict[str, Any] = object_in(answer.body)
    if answer.status != OK or "errorCode" in said:
        return _refused(answer)
    code, conversation = code_of(said.get("ResponseCode")), text_of(said.get("ConversationID"))
    if code == ACCEPTED and conversation:
        return Accepted(conversation)
    if code is None or code == ACCEPTED:
        return Unknown()
    # No such code is documented, and the name may have been sent before: whether it was taken, only a question tells.
    return Unknown(unclear=f"answer {code}", pauses=Reach.SENDING)


def _refused(answer: OutboundAnswer) -> Outcome:
    refusal = refusal_in(answer)
    if refusal is None:
        is_refused = BAD_REQUEST <= answer.status < SERVER_FAULT and answer.status != TOO_LATE
        if answer.status == TOO_MANY:
            return Deferred(why=f"HTTP_{answer.status}", wait=BUSY_WAIT)
        return Deferred(why=f"HTTP_{answer.status}", wait=None) if is_refused else Unknown()
    log.warning("payout_not_taken", provider_code=refusal.code, status=answer.status)
    if refusal.code == DUPLICATE:
        return Unknown()  # it was there before, so it is asked about
    if refusal.code == TOKEN_EXPIRED or refusal.code in BUSY:
        return Deferred(why=refusal.code, wait=BUSY_WAIT)
    if refusal.is_misconfigured or BAD_REQUEST <= answer.status < SERVER_FAULT:
        # One wrong credential more, and the operator's password is locked.
        reach = Reach.EVERYTHING if refusal.is_misconfigured else Reach.SENDING
        return Deferred(why=refusal.code, wait=None, reach=reach)
    return Unknown()


def _asked(answer: OutboundAnswer) -> Outcome:
    refusal = refusal_in(answer)
    if refusal is not None:
        log.info("question_not_taken", provider_code=refusal.code, status=answer.status)
        if refusal.is_misconfigured:
            return Unknown(unclear=f"question {refusal.code}", pauses=Reach.EVERYTHING)
    return Unknown()

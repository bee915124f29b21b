"""Callbacks about payments to phones, as they really are: parameters on success only, one of them as an object and
several as a list, unordered, without a value, with and without blanks in their keys; numbers as numbers and as texts.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from domain.money import Money
from domain.payments.callback_inbox import UnreadableCallback
from domain.payouts.callback import PayoutCallbackKind, RailWord
from domain.payouts.outcome import Outcome, Paid, Unknown
from integrations.mpesa.b2c_results import (
    COMPLETED,
    SUCCESS,
    outcome_of_question,
    outcome_of_result,
    outcome_of_status,
)
from integrations.mpesa.callbacks import amount_of, code_of, text_of

NAME_LENGTH_MAX: Final = 200
DIGITS_MAX: Final = 12


def read_word(kind: PayoutCallbackKind, body: bytes) -> RailWord:
    """What a callback says. Whatever came to the address of time-outs says that nobody knows yet.

    Raises:
        UnreadableCallback: it does not have the form agreed.
    """
    if kind is PayoutCallbackKind.TIMEOUT:
        return RailWord(outcome=Unknown(), sent_as=None)
    try:
        # Amounts are decimals; as binary fractions 0.29 shillings would be another amount.
        said = json.loads(body, parse_float=Decimal, parse_constant=_refuse)["Result"]
        code, parameters = code_of(said["ResultCode"]), _parameters(said)
        original = said.get("OriginatorConversationID")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise UnreadableCallback from fault
    if code is None:
        raise UnreadableCallback
    if kind is PayoutCallbackKind.STATUS:
        return _status(code, parameters)
    return _result(code, parameters, text_of(original))


def _result(code: str, parameters: dict[str, Any], sent_as: str | None) -> RailWord:
    if sent_as is None:
        raise UnreadableCallback
    if code != SUCCESS:
        return RailWord(outcome=outcome_of_result(code), sent_as=sent_as)
    return RailWord(
        outcome=_paid(parameters.get("TransactionReceipt")),
        sent_as=sent_as,
        amount=_amount(parameters.get("TransactionAmount")),
        phone=_phone(parameters.get("ReceiverPartyPublicName")),
    )


def _status(code: str, parameters: dict[str, Any]) -> RailWord:
    # What is outside of the parameters names the question; the payment that was asked about is named inside.
    sent_as = text_of(parameters.get("OriginatorConversationID"))
    if code != SUCCESS:
        return RailWord(outcome=outcome_of_question(code), sent_as=sent_as)
    status = text_of(parameters.get("TransactionStatus"))
    if sent_as is None or status is None:
        raise UnreadableCallback
    if status != COMPLETED:
        return RailWord(outcome=outcome_of_status(status), sent_as=sent_as)
    return RailWord(
        outcome=_paid(parameters.get("ReceiptNo")),
        sent_as=sent_as,
        amount=_amount(parameters.get("Amount")),
        phone=_phone(parameters.get("CreditPartyName")),
    )


def _paid(number: object) -> Outcome:
    receipt = text_of(number)
    if receipt is None:
        raise UnreadableCallback
    return Paid(receipt)


def _parameters(said: dict[str, Any]) -> dict[str, Any]:
    given = (said.get("ResultParameters") or {}).get("ResultParameter") or []
    items = given if isinstance(given, list) else [given]
    # Some of Daraja's own examples have blanks in a key.
    return {item["Key"].replace(" ", ""): item.get("Value") for item in items}


def _amount(value: object) -> Money | None:
    if isinstance(value, str) and len(value) <= DIGITS_MAX:
        try:
            value = Decimal(value)
        except InvalidOperation:
            return None
        if not value.is_finite():
            return None
    return amount_of(value)


def _phone(value: object) -> str | None:
    """The number in `2547… - NAME`."""
    if not isinstance(value, str) or len(value) > NAME_LENGTH_MAX:
        return None
    number = value.partition("-")[0].strip()
    return number if number.isascii() and number.isdigit() else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)

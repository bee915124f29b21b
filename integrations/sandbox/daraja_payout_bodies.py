"""What the Daraja-shaped server checks of payments to phones, and how it tells of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from integrations.mpesa.account import EAST_AFRICA
from integrations.sandbox.daraja_bodies import Fault, bad_field, is_callable_address

WORDS: Final = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "2001": "The initiator information is invalid.",
    "2040": "Credit Party customer type can't be supported by the service.",
    "8006": "The security credential is locked.",
    "R000002": "The OriginalTransactionID is invalid.",
}
COMMANDS: Final = ("BusinessPayment", "SalaryPayment", "PromotionPayment", "BusinessPayToPochi")
AMOUNT_MIN: Final = 10
AMOUNT_MAX: Final = 250_000
REMARKS_MIN: Final = 2
TEXT_LENGTH_MAX: Final = 100
PENDING: Final = "Pending"
_PHONE: Final = re.compile(r"254\d{9}", re.ASCII)


@dataclass(eq=False, kw_only=True)
class PhonePayment:
    """A payment that was accepted: what it comes to, and when; never without a time."""

    conversation_id: str
    receipt: str
    code: str
    decided_at: datetime | None
    body: dict[str, Any]
    callback_statuses: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The caller's own name for it."""
        return str(self.body["OriginatorConversationID"])

    @property
    def shown(self) -> dict[str, Any]:
        """For whoever drives the sandbox."""
        return {
            "originatorConversationId": self.name,
            "conversationId": self.conversation_id,
            "receipt": self.receipt,
            "code": self.code,
            "amount": self.body["Amount"],
            "phone": self.body["PartyB"],
            "resultUrl": self.body["ResultURL"],
            "queueTimeOutUrl": self.body["QueueTimeOutURL"],
            "result": result_of(self),
            "callbackStatuses": self.callback_statuses,
        }


def faulty_payment(body: Any, *, short_code: str) -> Fault | None:
    """The first thing about a payment that Daraja would not take, besides who asks for it."""
    remarks, occasion = body.get("Remarks"), body.get("Occassion")
    amount = body.get("Amount")
    checks = [
        ("OriginatorConversationID", bool(body.get("OriginatorConversationID"))),
        ("CommandID", body.get("CommandID") in COMMANDS),
        ("Amount", isinstance(amount, int) and AMOUNT_MIN <= amount <= AMOUNT_MAX),
        ("PartyA", str(body.get("PartyA")) == short_code),
        ("PartyB", bool(_PHONE.fullmatch(str(body.get("PartyB"))))),
        ("Remarks", isinstance(remarks, str) and REMARKS_MIN <= len(remarks) <= TEXT_LENGTH_MAX),
        ("Occassion", occasion is None or 1 <= len(str(occasion)) <= TEXT_LENGTH_MAX),
        *_addresses(body),
    ]
    return next((bad_field(name) for name, is_good in checks if not is_good), None)


def faulty_question(body: Any, *, short_code: str) -> Fault | None:
    """The first thing about a question that Daraja would not take, besides who asks it."""
    checks = [
        ("CommandID", body.get("CommandID") == "TransactionStatusQuery"),
        ("TransactionID", bool(body.get("TransactionID") or body.get("OriginalConversationID"))),
        ("PartyA", str(body.get("PartyA")) == short_code),
        ("IdentifierType", str(body.get("IdentifierType")) == "4"),
        *_addresses(body),
    ]
    return next((bad_field(name) for name, is_good in checks if not is_good), None)


def _addresses(body: Any) -> list[tuple[str, bool]]:
    return [(name, is_callable_address(body.get(name))) for name in ("QueueTimeOutURL", "ResultURL")]


def taken(conversation_id: str, name: str) -> dict[str, str]:
    """What a request is answered with."""
    return {
        "ConversationID": conversation_id,
        "OriginatorConversationID": name,
        "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }


def result_of(payment: PhonePayment) -> dict[str, Any]:
    """The result; parameters on success only, one reference as an object."""
    result = _result(payment.code, name=payment.name, conversation_id=payment.conversation_id)
    result["Result"]["TransactionID"] = payment.receipt
    if payment.code == "0" and payment.decided_at is not None:
        done_at = payment.decided_at.astimezone(EAST_AFRICA).strftime("%d.%m.%Y %H:%M:%S")
        result["Result"]["ResultParameters"] = {
            "ResultParameter": [
                {"Key": "TransactionAmount", "Value": payment.body["Amount"]},
                {"Key": "TransactionReceipt", "Value": payment.receipt},
                {"Key": "ReceiverPartyPublicName", "Value": f"{payment.body['PartyB']} - JOHN DOE"},
                {"Key": "TransactionCompletedDateTime", "Value": done_at},
                {"Key": "B2CUtilityAccountAvailableFunds", "Value": 10116.00},
                {"Key": "B2CWorkingAccountAvailableFunds", "Value": 900000.00},
                {"Key": "B2CRecipientIsRegisteredCustomer", "Value": "Y"},
                {"Key": "B2CChargesPaidAccountAvailableFunds", "Value": -4510.00},
            ]
        }
    return result


def status_of(payment: PhonePayment | None, *, at: datetime, conversation_id: str) -> dict[str, Any]:
    """The answer to a question; outside it names the question, and inside the payment that was asked about."""
    own_name = f"sandbox-{conversation_id[-6:]}"
    if payment is None:
        return _result("R000002", name=own_name, conversation_id=conversation_id)
    is_decided = payment.decided_at is not None and at >= payment.decided_at
    status = PENDING if not is_decided else "Completed" if payment.code == "0" else "Failed"
    result = _result("0", name=own_name, conversation_id=conversation_id)
    parameters: list[dict[str, Any]] = [
        {"Key": "DebitPartyName", "Value": f"{payment.body['PartyA']} - Sokoni"},
        {"Key": "CreditPartyName", "Value": f"{payment.body['PartyB']} - John Doe"},
        {"Key": "OriginatorConversationID", "Value": payment.name},
        {"Key": "DebitPartyCharges", "Value": "Fee For B2C Payment|KES|22.40"},
        {"Key": "TransactionReason"},
        {"Key": "TransactionStatus", "Value": status},
        {"Key": "Amount", "Value": payment.body["Amount"]},
        {"Key": "ConversationID", "Value": payment.conversation_id},
    ]
    if status == "Completed":
        parameters.append({"Key": "ReceiptNo", "Value": payment.receipt})
    result["Result"]["ResultParameters"] = {"ResultParameter": parameters}
    return result


def queue_timeout_of(payment: PhonePayment) -> dict[str, Any]:
    """What comes to the address of time-outs."""
    return _result("1", name=payment.name, conversation_id=payment.conversation_id)


def _result(code: str, *, name: str, conversation_id: str) -> dict[str, Any]:
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": int(code) if code.isdigit() else code,
            "ResultDesc": WORDS.get(code, "Failed"),
            "OriginatorConversationID": name,
            "ConversationID": conversation_id,
            "TransactionID": "SANDBOX000",
            "ReferenceData": {"ReferenceItem": {"Key": "QueueTimeoutURL", "Value": "sandbox"}},
        }
    }

"""The bodies of the Daraja-shaped server, and what it checks."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import BasicAuth, web

WORDS: Final = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "1019": "Transaction has expired",
    "1032": "Request cancelled by user",
    "1037": "DS timeout user cannot be reached",
    "2001": "The initiator information is invalid.",
}
TYPES: Final = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")
FORBIDDEN_WORDS: Final = ("mpesa", "m-pesa", "safaricom", "cmd", "sql", "query")
AMOUNT_MAX: Final = 250_000
REFERENCE_LENGTH_MAX: Final = 12
DESCRIPTION_LENGTH_MAX: Final = 13
LOCAL: Final = ("127.0.0.1", "localhost", "::1")
_PHONE: Final = re.compile(r"254\d{9}", re.ASCII)
_TIMESTAMP: Final = re.compile(r"20\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as Daraja tells it."""

    status: int
    code: str
    message: str

    def response(self) -> web.Response:
        """As HTTP."""
        body = {"requestId": "sandbox-1", "errorCode": self.code, "errorMessage": self.message}
        return web.json_response(body, status=self.status)


@dataclass(eq=False, kw_only=True)
class Prompt:
    """A prompt on a phone: what it will come to, and when; never without a time."""

    checkout_request_id: str
    merchant_request_id: str
    receipt: str
    code: str
    decided_at: datetime | None
    body: dict[str, Any]
    callback_statuses: list[int] = field(default_factory=list)

    @property
    def shown(self) -> dict[str, Any]:
        """For whoever drives the sandbox."""
        return {
            "checkoutRequestId": self.checkout_request_id,
            "receipt": self.receipt,
            "code": self.code,
            "decidedAt": self.decided_at.isoformat() if self.decided_at else None,
            "reference": self.body["AccountReference"],
            "amount": self.body["Amount"],
            "phone": self.body["PhoneNumber"],
            "callbackUrl": self.body["CallBackURL"],
            "callback": callback_of(self),
            "callbackStatuses": self.callback_statuses,
        }


def require_basic(request: web.Request, key: str, secret: str) -> Fault | None:
    """The consumer's key and secret, and the one grant there is."""
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        return Fault(400, "400.008.01", "Invalid Authentication passed")
    if request.query.get("grant_type") != "client_credentials":
        return Fault(400, "400.008.02", "Invalid grant type passed")
    is_known = hmac.compare_digest(given.login, key) and hmac.compare_digest(given.password, secret)
    return None if is_known else Fault(400, "400.008.01", "Invalid Authentication passed")


def faulty_field(body: Any, *, short_code: str, passkey: str, is_query: bool = False) -> Fault | None:
    """The first thing that Daraja would not take."""
    if str(body.get("BusinessShortCode")) != short_code:
        return Fault(500, "500.001.1001", "Merchant does not exist")
    timestamp = body.get("Timestamp")
    if not isinstance(timestamp, str) or not _TIMESTAMP.fullmatch(timestamp):
        return bad_field("Timestamp")
    password = base64.b64encode(f"{short_code}{passkey}{timestamp}".encode()).decode()
    if body.get("Password") != password:
        return Fault(500, "500.001.1001", "Wrong credentials")
    if is_query:
        return None if isinstance(body.get("CheckoutRequestID"), str) else bad_field("CheckoutRequestID")
    return next((bad_field(name) for name, is_good in _push_checks(body) if not is_good), None)


def _push_checks(body: Any) -> list[tuple[str, bool]]:
    amount, reference, description = (body.get(name) for name in ("Amount", "AccountReference", "TransactionDesc"))
    return [
        ("TransactionType", body.get("TransactionType") in TYPES),
        ("Amount", isinstance(amount, int) and 1 <= amount <= AMOUNT_MAX),
        ("PartyA", bool(_PHONE.fullmatch(str(body.get("PartyA"))))),
        ("PartyB", str(body.get("PartyB")).isdigit()),
        ("PhoneNumber", bool(_PHONE.fullmatch(str(body.get("PhoneNumber"))))),
        ("CallBackURL", is_callable_address(body.get("CallBackURL"))),
        ("AccountReference", isinstance(reference, str) and 1 <= len(reference) <= REFERENCE_LENGTH_MAX),
        ("TransactionDesc", description is None or len(str(description)) <= DESCRIPTION_LENGTH_MAX),
    ]


def is_callable_address(address: object) -> bool:
    """Whether Daraja would call it: public, and without the words that it refuses."""
    parts = urlsplit(str(address))
    is_public = parts.scheme == "https" or parts.hostname in LOCAL
    return is_public and not any(word in str(address).lower() for word in FORBIDDEN_WORDS)


def bad_field(name: str) -> Fault:
    """A field that is missing or wrong."""
    return Fault(400, "400.002.02", f"Bad Request - Invalid {name}")


def accepted(prompt: Prompt) -> dict[str, str]:
    """What a push is answered with."""
    return {
        "MerchantRequestID": prompt.merchant_request_id,
        "CheckoutRequestID": prompt.checkout_request_id,
        "ResponseCode": "0",
        "ResponseDescription": "Success. Request accepted for processing",
        "CustomerMessage": "Success. Request accepted for processing",
    }


def query_answer(prompt: Prompt) -> dict[str, str]:
    """What a query is answered with once the result is there; its code is a text."""
    return {
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successsfully",
        "MerchantRequestID": prompt.merchant_request_id,
        "CheckoutRequestID": prompt.checkout_request_id,
        "ResultCode": prompt.code,
        "ResultDesc": WORDS.get(prompt.code, "Failed"),
    }


def callback_of(prompt: Prompt) -> dict[str, Any]:
    """The callback; metadata on success only, `Balance` without a value, numbers as numbers."""
    said: dict[str, Any] = {
        "MerchantRequestID": prompt.merchant_request_id,
        "CheckoutRequestID": prompt.checkout_request_id,
        "ResultCode": int(prompt.code) if prompt.code.isdigit() else prompt.code,
        "ResultDesc": WORDS.get(prompt.code, "Failed"),
    }
    if prompt.code == "0":
        said["CallbackMetadata"] = {
            "Item": [
                {"Name": "Amount", "Value": prompt.body["Amount"]},
                {"Name": "MpesaReceiptNumber", "Value": prompt.receipt},
                {"Name": "Balance"},
                {"Name": "TransactionDate", "Value": int(prompt.body["Timestamp"])},
                {"Name": "PhoneNumber", "Value": prompt.body["PhoneNumber"]},
            ]
        }
    return {"Body": {"stkCallback": said}}

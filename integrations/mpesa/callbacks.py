"""Callbacks of M-Pesa Express, as they really are: metadata on success only, unordered, `Balance` without a value,
numbers as JSON numbers.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final

from domain.money import Asset, Money
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.mobile_money import SHILLING_MINOR, StkResult

TEXT_LENGTH_MAX: Final = 100
DIGITS_MAX: Final = 20
AMOUNT_MAX: Final = Decimal(10**9)  # far above what M-Pesa moves, and small enough to reckon with


def read_callback(body: bytes) -> StkResult:
    """What a callback says.

    Raises:
        UnreadableCallback: it does not have the form agreed.
    """
    try:
        # Amounts are decimals; as binary fractions 0.29 shillings would be another amount.
        said = json.loads(body, parse_float=Decimal, parse_constant=_refuse)["Body"]["stkCallback"]
        code, checkout_request_id = code_of(said["ResultCode"]), text_of(said["CheckoutRequestID"])
        metadata = _metadata(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise UnreadableCallback from fault
    if code is None or checkout_request_id is None:
        raise UnreadableCallback
    return StkResult(
        checkout_request_id=checkout_request_id,
        code=code,
        amount=amount_of(metadata.get("Amount")),
        phone=code_of(metadata.get("PhoneNumber")),
        receipt=text_of(metadata.get("MpesaReceiptNumber")),
    )


def code_of(value: object) -> str | None:
    """A number or a word as text, if it is one."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**TEXT_LENGTH_MAX:
        return str(value)
    return text_of(value)


def text_of(value: object) -> str | None:
    """A short printable text, if it is one."""
    is_text = isinstance(value, str) and 0 < len(value) <= TEXT_LENGTH_MAX and value.isascii() and value.isprintable()
    return value if is_text and isinstance(value, str) else None


def _metadata(said: dict[str, Any]) -> dict[str, Any]:
    items = (said.get("CallbackMetadata") or {}).get("Item", ())
    return {item["Name"]: item.get("Value") for item in items}


def amount_of(value: object) -> Money | None:
    """The amount, exactly; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value < AMOUNT_MAX:
        return None
    if len(Decimal(value).as_tuple().digits) > DIGITS_MAX:
        return None  # what follows would round it
    places = Decimal(value).normalize().as_tuple().exponent
    is_exact = isinstance(places, int) and places >= -Asset.KES.scale
    return Money(int(Decimal(value) * SHILLING_MINOR), Asset.KES) if is_exact else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)

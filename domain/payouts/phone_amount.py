"""How much is paid to a phone."""

from __future__ import annotations

from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.money import Asset, Money
from domain.payments.mobile_money import SHILLING_MINOR

# Daraja's own bounds of one payment to a phone.
SHILLINGS_MIN: Final = 10
SHILLINGS_MAX: Final = 250_000


def require_payable_by_phone(amount: Money) -> int:
    """The whole shillings of an amount. Nothing is rounded.

    Raises:
        InvalidInput: not shillings, not whole ones, or not 10 to 250 000 of them.
    """
    path = ("amount", "amount")
    if amount.asset is not Asset.KES:
        raise InvalidInput(FieldFault(("amount", "asset"), "must be KES: M-Pesa pays shillings"))
    shillings, cents = divmod(amount.minor, SHILLING_MINOR)
    if cents:
        raise InvalidInput(FieldFault(path, "must be whole shillings: M-Pesa pays no cents"))
    if not SHILLINGS_MIN <= shillings <= SHILLINGS_MAX:
        raise InvalidInput(FieldFault(path, f"must be {SHILLINGS_MIN} to {SHILLINGS_MAX} shillings"))
    return shillings

"""Payouts by mobile money: to nobody's phone but the owner's own."""

from __future__ import annotations

from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.money import Asset, Money
from domain.payments.mobile_money import SHILLING_MINOR
from domain.payments.mpesa_request import require_mpesa_phone
from domain.unit_of_work import UnitOfWork

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


async def own_phone(uow: UnitOfWork, gateways: Gateways, *, destination: str | None) -> str:
    """The actor's phone in E.164, which they proved by a code that was sent to it; saying it again is allowed.

    Raises:
        InvalidInput: they have no Kenyan number, or name another one than their own.
    """
    phone = (await uow.users.get(uow.actor.user_id)).phone
    try:
        own = require_mpesa_phone(phone)
    except InvalidInput:
        fault = FieldFault(("destination",), "is your own phone: sign in with a Kenyan mobile number first")
        raise InvalidInput(fault) from None
    if destination is not None and gateways.phone_numbers.normalized(destination[: len(own) * 2]) != own:
        raise InvalidInput(FieldFault(("destination",), "must be your own phone, or be left out"))
    return own

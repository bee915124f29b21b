"""Payouts by mobile money: to nobody's phone but the owner's own."""

from __future__ import annotations

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.payments.mpesa_request import require_mpesa_phone
from domain.unit_of_work import UnitOfWork


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

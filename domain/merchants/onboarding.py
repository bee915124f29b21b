"""Onboarding: a person registers a business, and finance lets it in."""

from __future__ import annotations

from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.ids import MerchantId, new_id
from domain.merchants.errors import TooManyMerchants
from domain.merchants.merchant import Merchant
from domain.money import BASIS_POINTS_WHOLE
from domain.text import line, reason_line
from domain.unit_of_work import UnitOfWork

NAME_MIN: Final = 2
NAME_MAX: Final = 80
MERCHANTS_MAX: Final = 5


async def register_merchant(uow: UnitOfWork, *, name: str) -> Merchant:
    """Register a business of the actor's; it waits for finance.

    Raises:
        InvalidInput: no name.
        TooManyMerchants: the actor has five already.
    """
    called = line(name, path=("name",), shortest=NAME_MIN, longest=NAME_MAX)
    if await uow.merchants.count_of(uow.actor.user_id) >= MERCHANTS_MAX:
        raise TooManyMerchants
    merchant = Merchant(id=MerchantId(new_id()), owner_id=uow.actor.user_id, name=called, registered_at=uow.now)
    await uow.merchants.add(merchant)
    uow.emit(merchant.told)
    return merchant


async def verify_merchant(
    uow: UnitOfWork, *, merchant_id: MerchantId, reason: str, fee_basis_points: int | None = None
) -> Merchant:
    """Let a business sell, at its own fee or at the general one. Its owner becomes a MERCHANT.

    Raises:
        MerchantNotFound: there is none.
        OwnAccount: nobody verifies a business of their own.
        MerchantStays: it sells already.
        InvalidInput: no reason, or no share of a whole.
    """
    if fee_basis_points is not None and not 0 <= fee_basis_points <= BASIS_POINTS_WHOLE:
        raise InvalidInput(FieldFault(("feeBasisPoints",), f"must be between 0 and {BASIS_POINTS_WHOLE}"))
    uow.because(reason_line(reason))
    merchant = await uow.merchants.get_for_update(merchant_id)
    if merchant.owner_id == uow.actor.user:
        raise OwnAccount
    uow.emit(merchant.verify(fee_basis_points=fee_basis_points, at=uow.now))
    owner = await uow.users.get_for_update(merchant.owner_id)
    if Role.MERCHANT not in owner.roles:
        uow.emit(owner.grant(Role.MERCHANT, at=uow.now))
    return merchant


async def suspend_merchant(uow: UnitOfWork, *, merchant_id: MerchantId, reason: str) -> Merchant:
    """Let a business sell no more, for a reason that its owner reads. What it is owed stays owed.

    Raises:
        MerchantNotFound: there is none.
        MerchantStays: it is suspended already.
        InvalidInput: no reason.
    """
    why = reason_line(reason)
    uow.because(why)
    merchant = await uow.merchants.get_for_update(merchant_id)
    uow.emit(merchant.suspend(why))
    return merchant

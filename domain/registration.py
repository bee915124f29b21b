"""Somebody comes for the first time: a person and their wallets begin together. Neither context knows the other."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.identity import signing_in
from domain.identity.address import Address
from domain.identity.outcome import Refused
from domain.identity.session import Device
from domain.identity.signing_in import SignedIn
from domain.identity.user import User
from domain.unit_of_work import UnitOfWork
from domain.wallets.opening import open_wallets


async def sign_in(
    uow: UnitOfWork, *, address: str, code: str, device: Device, gateways: Gateways
) -> SignedIn | Refused:
    """Let in whoever reads the address's messages; the first time they are registered and get their wallets.

    Commit whatever it answers: a wrong code is counted, a right one is used.

    Raises:
        InvalidInput: the address is none, or the code is not six digits.
    """
    outcome = await signing_in.sign_in_with_passcode(uow, address=address, code=code, device=device, gateways=gateways)
    if isinstance(outcome, SignedIn) and outcome.is_new:
        await open_wallets(uow, user_id=outcome.user.id)
    return outcome


async def register(uow: UnitOfWork, *, address: Address) -> User:
    """Keep somebody new, with their wallets, without a sign-in: demo people and those that staff bring."""
    user = await signing_in.register_user(uow, address=address)
    await open_wallets(uow, user_id=user.id)
    return user

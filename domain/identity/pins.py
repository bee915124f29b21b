"""Choosing, changing and showing a PIN. Whatever was tried is committed: a failure that is rolled back was for free."""

from __future__ import annotations

from domain.errors import FieldFault, InvalidInput
from domain.gateways import Gateways
from domain.identity.address import parse_address
from domain.identity.errors import PasscodeExpired, PinAlreadySet, PinNotSet
from domain.identity.otp import try_passcode
from domain.identity.outcome import Refused
from domain.identity.passcode import PasscodePurpose
from domain.identity.pin import Pin, require_good_pin
from domain.identity.session import Session
from domain.unit_of_work import UnitOfWork


async def set_pin(uow: UnitOfWork, *, pin: str, gateways: Gateways) -> None:
    """Choose one's first PIN.

    Raises:
        InvalidInput: not six digits, a sequence, or a repeat.
        PinAlreadySet: it is changed with the present one.
    """
    require_good_pin(pin, path=("pin",))
    if await uow.pins.find_for_update(uow.actor.user_id) is not None:
        raise PinAlreadySet
    await _keep_first(uow, pin, gateways)


async def change_pin(uow: UnitOfWork, *, current_pin: str, new_pin: str, gateways: Gateways) -> Refused | None:
    """Choose another PIN, knowing the present one.

    Raises:
        InvalidInput: the new one is not six digits, a sequence, a repeat, or the present one.
        PinNotSet: there is none to change.
    """
    require_good_pin(new_pin, path=("newPin",))
    pin = await _get(uow)
    refused = await _try(uow, pin, current_pin, gateways)
    if refused is not None:
        return refused
    if current_pin == new_pin:
        raise InvalidInput(FieldFault(("newPin",), "must differ from the present one"))
    pin.replace(await gateways.pins.hashed(new_pin, user_id=pin.user_id), at=uow.now)
    return None


async def reset_pin(uow: UnitOfWork, *, address: str, code: str, new_pin: str, gateways: Gateways) -> Refused | None:
    """Choose another PIN without the present one, by a passcode sent to one's own address for this purpose.

    Raises:
        InvalidInput: the address is none, the code is not six digits, or the PIN is not a good one.
    """
    require_good_pin(new_pin, path=("newPin",))
    known = parse_address(address, phone_numbers=gateways.phone_numbers)
    user = await uow.users.get(uow.actor.user_id)
    if not user.is_reached_by(known):
        # Codes of other people's addresses are not this person's to try; what is answered tells nothing about them.
        return Refused(PasscodeExpired())
    refusal = await try_passcode(uow, address=known, code=code, purpose=PasscodePurpose.PIN_RESET, gateways=gateways)
    if refusal is not None:
        return Refused(refusal)
    pin = await uow.pins.find_for_update(user.id)
    if pin is None:
        await _keep_first(uow, new_pin, gateways)
    else:
        pin.replace(await gateways.pins.hashed(new_pin, user_id=user.id), at=uow.now)
    return None


async def verify_pin(uow: UnitOfWork, *, pin: str, gateways: Gateways) -> Session | Refused:
    """Show the PIN as a second factor; the session remembers when.

    Raises:
        PinNotSet: there is none to show.
    """
    refused = await _try(uow, await _get(uow), pin, gateways)
    if refused is not None:
        return refused
    session = await uow.sessions.get_for_update(uow.actor.session_id)
    session.second_factor_at = uow.now
    return session


async def _get(uow: UnitOfWork) -> Pin:
    pin = await uow.pins.find_for_update(uow.actor.user_id)
    if pin is None:
        raise PinNotSet
    return pin


async def _try(uow: UnitOfWork, pin: Pin, shown: str, gateways: Gateways) -> Refused | None:
    """Compare under the row's lock, so that parallel tries are counted one after another."""
    lock = pin.lock_at(uow.now)
    if lock is not None:
        return Refused(lock)
    if await gateways.pins.is_right(shown, user_id=pin.user_id, hashed=pin.hash):
        pin.note_success()
        return None
    return Refused(pin.note_failure(at=uow.now))


async def _keep_first(uow: UnitOfWork, pin: str, gateways: Gateways) -> None:
    user_id = uow.actor.user_id
    hashed = await gateways.pins.hashed(pin, user_id=user_id)
    await uow.pins.add(Pin(user_id=user_id, hash=hashed, set_at=uow.now))

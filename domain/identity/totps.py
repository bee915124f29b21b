"""Authenticators: set up, confirmed, shown as a second factor, switched off. Whatever was tried is committed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from domain.gateways import Gateways
from domain.identity.errors import TotpAlreadyOn, TotpNotOn
from domain.identity.outcome import Refused
from domain.identity.session import Session
from domain.identity.totp import Totp
from domain.ids import UserId
from domain.unit_of_work import UnitOfWork

RECOVERY_CODES: Final = 10
_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_RECOVERY: Final = re.compile(rf"[{_SIGNS}]{{5}}-[{_SIGNS}]{{5}}")


@dataclass(frozen=True, slots=True)
class SetUpTotp:
    """What an authenticator is told, once: the secret, and the same as an address that apps read from a picture."""

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "SetUpTotp(•••)"


async def set_up_totp(uow: UnitOfWork, gateways: Gateways) -> SetUpTotp:
    """Make a secret for the actor's authenticator. It counts once a first code is shown; until then another set-up
    takes its place.

    Raises:
        TotpAlreadyOn: one is in use.
    """
    user = await uow.users.get(uow.actor.user_id)
    known = await uow.totps.find_for_update(user.id)
    if known is not None and known.is_on:
        raise TotpAlreadyOn
    secret = gateways.one_time_codes.new_secret()
    sealed = gateways.sealer.seal(secret, about=_about(user.id))
    if known is None:
        await uow.totps.add(Totp(user_id=user.id, sealed_secret=sealed, set_up_at=uow.now))
    else:
        known.sealed_secret, known.set_up_at, known.last_step = sealed, uow.now, 0
    return SetUpTotp(secret, gateways.one_time_codes.uri(secret, account=user.display_name))


async def confirm_totp(uow: UnitOfWork, gateways: Gateways, *, code: str) -> tuple[str, ...] | Refused:
    """Show a first code: from then on it is asked. Answers ten recovery codes, which are shown this once.

    Raises:
        TotpAlreadyOn: one is in use.
        TotpNotOn: none was set up.
    """
    totp = await uow.totps.find_for_update(uow.actor.user_id)
    if totp is None:
        raise TotpNotOn
    if totp.is_on:
        raise TotpAlreadyOn
    refused = _try(uow, totp, code, gateways)
    if refused is not None:
        return refused
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    totp.confirmed_at = uow.now
    totp.recovery_digests = tuple(_digest(totp.user_id, each, gateways) for each in codes)
    return codes


async def verify_totp(uow: UnitOfWork, gateways: Gateways, *, code: str) -> Session | Refused:
    """Show a code, or one on paper, as a second factor; the session remembers when.

    Raises:
        TotpNotOn: none is in use.
    """
    refused = _try(uow, await _in_use(uow), code, gateways)
    if refused is not None:
        return refused
    session = await uow.sessions.get_for_update(uow.actor.session_id)
    session.second_factor_at = uow.now
    return session


async def disable_totp(uow: UnitOfWork, gateways: Gateways, *, code: str) -> Refused | None:
    """Switch it off by a code of it, or one on paper.

    Raises:
        TotpNotOn: none is in use.
    """
    totp = await _in_use(uow)
    refused = _try(uow, totp, code, gateways)
    if refused is None:
        await uow.totps.remove(totp)
    return refused


async def _in_use(uow: UnitOfWork) -> Totp:
    totp = await uow.totps.find_for_update(uow.actor.user_id)
    if totp is None or not totp.is_on:
        raise TotpNotOn
    return totp


def _try(uow: UnitOfWork, totp: Totp, code: str, gateways: Gateways) -> Refused | None:
    """Compare under the row's lock, so that parallel tries are counted one after another."""
    lock = totp.lock_at(uow.now)
    if lock is not None:
        return Refused(lock)
    if _is_right(uow, totp, code.strip().upper(), gateways):
        totp.note_success()
        return None
    return Refused(totp.note_failure(at=uow.now))


def _is_right(uow: UnitOfWork, totp: Totp, code: str, gateways: Gateways) -> bool:
    if _RECOVERY.fullmatch(code):
        return totp.take_recovery(_digest(totp.user_id, code, gateways))
    secret = gateways.sealer.unseal(totp.sealed_secret, about=_about(totp.user_id))
    return totp.take_step(gateways.one_time_codes.step_of(secret, code, at=uow.now))


def _recovery_code() -> str:
    signs = "".join(secrets.choice(_SIGNS) for _ in range(10))
    return f"{signs[:5]}-{signs[5:]}"


def _digest(user_id: UserId, code: str, gateways: Gateways) -> bytes:
    return gateways.secrets.digest("recovery code", str(user_id), code)


def _about(user_id: UserId) -> str:
    return f"totp {user_id}"

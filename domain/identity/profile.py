"""How a person appears, and what is revealed about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.faults import Faults
from domain.identity.blocking import stated
from domain.identity.user import User
from domain.ids import IdKind, UserId, encode_id
from domain.text import line
from domain.unit_of_work import UnitOfWork

_LANGUAGE: Final = re.compile(r"[a-z]{2}")


class PiiField(StrEnum):
    """Personal data that is masked for others."""

    PHONE = "PHONE"
    """The phone number."""
    EMAIL = "EMAIL"
    """The e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedPii:
    """Personal data in the clear; what was not asked for, or is not there, is None."""

    phone: str | None
    email: str | None

    def __repr__(self) -> str:
        return "RevealedPii()"


async def update_profile(
    uow: UnitOfWork,
    *,
    display_name: str | None = None,
    language: str | None = None,
    expected_version: int | None = None,
) -> User:
    """Change one's own name or language; what is None stays.

    Raises:
        InvalidInput: nothing is to change, or a field is faulty.
        VersionConflict: it was changed since the caller read it.
    """
    if display_name is None and language is None:
        raise InvalidInput(FieldFault((), "changes nothing: give at least one field"))
    user = await uow.users.get_for_update(uow.actor.user_id)
    user.require_version(expected_version)
    name, tongue = user.display_name, user.language
    faults = Faults()
    with faults.kept():
        name = line(display_name, path=("displayName",), shortest=1, longest=80) if display_name is not None else name
    with faults.kept():
        tongue = _language(language) if language is not None else tongue
    faults.refuse_any()
    uow.emit(user.change_profile(display_name=name, language=tongue))
    return user


async def reveal_pii(uow: UnitOfWork, *, user_id: UserId, fields: frozenset[PiiField], reason: str) -> RevealedPii:
    """Show personal data in the clear; who saw what of whom, and why, is audited.

    Raises:
        InvalidInput: no reason, or no field.
        UserNotFound: there is no such person.
    """
    uow.because(stated(reason))
    if not fields:
        raise InvalidInput(FieldFault(("fields",), "must name at least one field"))
    user = await uow.users.get(user_id)
    uow.disclose(encode_id(IdKind.USER, user.id), fields=tuple(sorted(fields)))
    return RevealedPii(
        phone=user.phone if PiiField.PHONE in fields else None,
        email=user.email if PiiField.EMAIL in fields else None,
    )


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise InvalidInput(FieldFault(("language",), "must be two small letters of ISO 639-1, such as en or sw"))
    return text

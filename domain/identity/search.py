"""What staff look people up by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.identity.roles import Role
from domain.identity.user import UserStatus

_TEXT_LENGTH: Final = range(2, 81)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which people: all that is given must agree. `text` is a part of the name, or a whole address."""

    text: str | None = None
    role: Role | None = None
    status: UserStatus | None = None

    def __post_init__(self) -> None:
        if self.text is not None and len(self.text) not in _TEXT_LENGTH:
            raise InvalidInput(FieldFault(("filter", "text"), "must have 2 to 80 characters"))

    def __repr__(self) -> str:
        return f"UserFilter({self.role}, {self.status})"

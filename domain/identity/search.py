"""What staff look people up by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.text import line

_TEXT_LENGTH_MIN: Final = 2
_TEXT_LENGTH_MAX: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which people: all that is given must agree. `text` is a part of the name, or a whole address."""

    text: str | None = None
    role: Role | None = None
    status: UserStatus | None = None

    def __post_init__(self) -> None:
        if self.text is not None:
            line(self.text, path=("filter", "text"), shortest=_TEXT_LENGTH_MIN, longest=_TEXT_LENGTH_MAX)

    def __repr__(self) -> str:
        return f"UserFilter({self.role}, {self.status})"

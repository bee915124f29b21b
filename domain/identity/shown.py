"""A person as they are shown: the entity itself, or what a read found of them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.identity.roles import Role
from domain.ids import UserId
from domain.instants import StoredInstant


class ShownUser(Protocol):
    """Everything of a person that somebody may see."""

    @property
    def id(self) -> UserId:
        """Who it is."""
        ...

    @property
    def display_name(self) -> str:
        """How they appear to others."""
        ...

    @property
    def language(self) -> str:
        """ISO 639-1."""
        ...

    @property
    def phone(self) -> str | None:
        """Where passcodes go by SMS."""
        ...

    @property
    def email(self) -> str | None:
        """Where passcodes go by e-mail."""
        ...

    @property
    def roles(self) -> tuple[Role, ...]:
        """What they are to the market."""
        ...

    @property
    def blocked_reason(self) -> str | None:
        """Why they are blocked."""
        ...

    @property
    def blocked_until(self) -> datetime | StoredInstant | None:
        """When the block ends by itself."""
        ...

    @property
    def registered_at(self) -> datetime | StoredInstant:
        """When they came first."""
        ...

    @property
    def version(self) -> int:
        """Counts their changes."""
        ...

    def is_blocked(self, at: datetime) -> bool:
        """Whether a block holds at this instant; one with an end ends by itself."""
        ...

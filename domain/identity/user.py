"""A person of the market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.errors import FieldFault, InvalidInput, VersionConflict
from domain.identity.address import Address, AddressKind
from domain.identity.errors import RoleAlreadyHeld, RoleNotHeld, RoleStays, UserAlreadyBlocked, UserNotBlocked
from domain.identity.events import (
    ProfileUpdated,
    RoleGranted,
    RoleRevoked,
    UserBlocked,
    UserRegistered,
    UserUnblocked,
)
from domain.identity.roles import Role
from domain.ids import IdKind, UserId, encode_id

LANGUAGE_DEFAULT: Final = "en"


class UserStatus(StrEnum):
    """Whether a person may act."""

    ACTIVE = "ACTIVE"
    """May act."""
    BLOCKED = "BLOCKED"
    """Shut out, until a moment or until it is lifted."""


@dataclass(eq=False, kw_only=True)
class User:
    """A person, known by a phone number, an e-mail address, or both.

    `access_generation` grows with everything that changes what the person may do: tokens of a smaller one are refused.
    """

    id: UserId
    display_name: str
    language: str = LANGUAGE_DEFAULT
    phone: str | None = None
    email: str | None = None
    roles: tuple[Role, ...] = (Role.CUSTOMER,)
    status: UserStatus = UserStatus.ACTIVE
    blocked_reason: str | None = None
    blocked_until: datetime | None = None
    access_generation: int = 0
    access_changed_at: datetime
    registered_at: datetime
    version: int = 0

    @classmethod
    def register(cls, *, user_id: UserId, address: Address, at: datetime) -> tuple[Self, UserRegistered]:
        """Somebody new. The name is made of the id, because an address is not for everybody to see."""
        user = cls(
            id=user_id,
            display_name=f"Customer {encode_id(IdKind.USER, user_id)[-5:]}",
            phone=address.value if address.kind is AddressKind.PHONE else None,
            email=address.value if address.kind is AddressKind.EMAIL else None,
            access_changed_at=at,
            registered_at=at,
        )
        return user, UserRegistered(user_id=user_id)

    def is_blocked(self, at: datetime) -> bool:
        """Whether a block holds at this instant; one with an end ends by itself."""
        return is_shut_out(self.status, until=self.blocked_until, at=at)

    def is_reached_by(self, address: Address) -> bool:
        """Whether the address is this person's."""
        return address.value in (self.phone, self.email)

    def block(self, *, reason: str, until: datetime | None, at: datetime) -> UserBlocked:
        """Shut the person out.

        Raises:
            InvalidInput: `until` is not in the future.
            UserAlreadyBlocked: a block holds already.
        """
        if until is not None and until <= at:
            raise InvalidInput(FieldFault(("until",), "must be in the future"))
        if self.is_blocked(at):
            raise UserAlreadyBlocked
        self.status, self.blocked_reason, self.blocked_until = UserStatus.BLOCKED, reason, until
        self._change_access(at)
        return UserBlocked(user_id=self.id, reason=reason, until=until, generation=self.access_generation)

    def unblock(self, *, reason: str, at: datetime) -> UserUnblocked:
        """Let the person in again.

        Raises:
            UserNotBlocked: no block holds.
        """
        if not self.is_blocked(at):
            raise UserNotBlocked
        self._forget_block()
        self._change_access(at)
        return UserUnblocked(user_id=self.id, reason=reason, generation=self.access_generation)

    def lapse_block(self, at: datetime) -> None:
        """Forget a block whose end has come."""
        if self.status is UserStatus.BLOCKED and not self.is_blocked(at):
            self._forget_block()

    def grant(self, role: Role, *, at: datetime) -> RoleGranted:
        """Give a role.

        Raises:
            RoleAlreadyHeld: the person has it.
        """
        if role in self.roles:
            raise RoleAlreadyHeld
        self.roles = tuple(known for known in Role if known is role or known in self.roles)
        self._change_access(at)
        return RoleGranted(user_id=self.id, role=role, generation=self.access_generation)

    def revoke(self, role: Role, *, at: datetime) -> RoleRevoked:
        """Take a role away.

        Raises:
            RoleStays: everybody is a customer.
            RoleNotHeld: the person does not have it.
        """
        if role is Role.CUSTOMER:
            raise RoleStays
        if role not in self.roles:
            raise RoleNotHeld
        self.roles = tuple(held for held in self.roles if held is not role)
        self._change_access(at)
        return RoleRevoked(user_id=self.id, role=role, generation=self.access_generation)

    def change_profile(self, *, display_name: str, language: str) -> ProfileUpdated:
        """Appear under another name, or read another language; both are checked already."""
        self.display_name, self.language = display_name, language
        return ProfileUpdated(user_id=self.id, display_name=display_name, language=language)

    def require_version(self, expected: int | None) -> None:
        """Refuse a change of what the caller has not seen.

        Raises:
            VersionConflict: it was changed since.
        """
        if expected is not None and expected != self.version:
            raise VersionConflict(self.version)

    def _forget_block(self) -> None:
        self.status, self.blocked_reason, self.blocked_until = UserStatus.ACTIVE, None, None

    def _change_access(self, at: datetime) -> None:
        self.access_generation += 1
        self.access_changed_at = at


def is_shut_out(status: UserStatus, *, until: datetime | None, at: datetime) -> bool:
    """Whether a block holds at this instant, for those who know no more of a person than this."""
    return status is UserStatus.BLOCKED and (until is None or at < until)

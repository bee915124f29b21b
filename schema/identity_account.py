"""What people change of their own, and what staff decide about others."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.identity.profile import PiiField
from domain.identity.roles import Role
from schema.errors import Payload
from schema.identity import Session, User

strawberry.enum(PiiField, description="Personal data that is masked for others.")


@strawberry.input
class ProfileUpdateInput:
    """What is left out stays; at least one field is given."""

    display_name: str | None = None
    """1 to 80 characters."""
    language: str | None = None
    """ISO 639-1, such as en or sw."""
    expected_version: int | None = None
    """Refuses when the profile was changed since this version was read."""


@strawberry.type
class ProfileUpdatePayload(Payload):
    """The profile was changed."""

    user: User | None = None
    """As it is now."""


@strawberry.input
class PinSetInput:
    """A first PIN."""

    pin: str
    """Six digits, no sequence and no repeat."""


@strawberry.type
class PinSetPayload(Payload):
    """The PIN is set."""

    is_set: bool = False
    """Whether it was."""


@strawberry.input
class PinChangeInput:
    """Another PIN."""

    current_pin: str
    """The present one; five wrong tries lock it for 15 minutes."""
    new_pin: str
    """Six digits, no sequence and no repeat."""


@strawberry.type
class PinChangePayload(Payload):
    """The PIN was changed."""

    is_changed: bool = False
    """Whether it was."""


@strawberry.input
class PinResetInput:
    """Another PIN without the present one."""

    address: str
    """Your own address, where a passcode for PIN_RESET was sent."""
    code: str
    """Its six digits."""
    new_pin: str
    """Six digits, no sequence and no repeat."""


@strawberry.type
class PinResetPayload(Payload):
    """The PIN was replaced."""

    is_changed: bool = False
    """Whether it was."""


@strawberry.input
class PinVerifyInput:
    """The PIN as a second factor."""

    pin: str
    """Five wrong tries lock it for 15 minutes."""


@strawberry.type
class PinVerifyPayload(Payload):
    """The session remembers that the PIN was shown."""

    session: Session | None = None
    """With secondFactorAt."""


@strawberry.input
class UserBlockInput:
    """Who is shut out, why and how long."""

    user_id: strawberry.ID
    """Somebody else."""
    reason: str
    """The person reads it; at most 500 characters."""
    until: datetime | None = None
    """When the block ends by itself; left out, it stays until it is lifted."""


@strawberry.type
class UserBlockPayload(Payload):
    """The person is out, on every device and socket at once."""

    user: User | None = None
    """As they stand now."""


@strawberry.input
class UserUnblockInput:
    """Who may come back, and why."""

    user_id: strawberry.ID
    """A blocked person."""
    reason: str
    """Kept in the audit trail; at most 500 characters."""


@strawberry.type
class UserUnblockPayload(Payload):
    """The person may sign in again."""

    user: User | None = None
    """As they stand now."""


@strawberry.input
class RoleGrantInput:
    """A role for somebody else."""

    user_id: strawberry.ID
    """Who gets it."""
    role: Role
    """Which."""
    reason: str
    """Kept in the audit trail; at most 500 characters."""


@strawberry.type
class RoleGrantPayload(Payload):
    """The person has the role; their next refresh brings it."""

    user: User | None = None
    """As they stand now."""


@strawberry.input
class RoleRevokeInput:
    """A role to take away."""

    user_id: strawberry.ID
    """Whose."""
    role: Role
    """Which; CUSTOMER stays."""
    reason: str
    """Kept in the audit trail; at most 500 characters."""


@strawberry.type
class RoleRevokePayload(Payload):
    """The person acts without the role from now on."""

    user: User | None = None
    """As they stand now."""


@strawberry.input
class PiiRevealInput:
    """Whose data, which, and why."""

    node_id: strawberry.ID
    """A person's id."""
    fields: list[PiiField]
    """At least one."""
    reason: str
    """Kept in the audit trail with who looked; at most 500 characters."""


@strawberry.type
class PiiRevealPayload(Payload):
    """Personal data in the clear, in this answer only."""

    phone: str | None = None
    """Null when it was not asked for or there is none."""
    email: str | None = None
    """Null when it was not asked for or there is none."""

"""Who may call a field; printed into the SDL so that every change of it is reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import strawberry
from graphql import GraphQLError
from strawberry.schema_directive import Location

from domain.errors import ErrorCode
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.identity.roles import Permission

NO_SESSION: Final = "Sign in as a person for this; an API key has no session."


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="access",
    description=(
        "Who may call it: ANYONE, SIGNED_IN (by a session or by an API key), IN_SESSION (no API key), "
        "DEVELOPER_KEY (by an API key of that kind), or holders of one of the permissions named."
    ),
)
class AccessDirective:
    """The printed form of an `Access`."""

    to: list[str]
    """One of these is enough."""


@dataclass(frozen=True, slots=True)
class Access:
    """A rule about the actor alone; whether a thing is theirs is the use case's question."""

    to: tuple[str, ...]
    needs_sign_in: bool = True
    needs_session: bool = False
    one_of: tuple[Permission, ...] = ()
    or_keys: ApiKeyKind | None = None

    @property
    def directive(self) -> AccessDirective:
        """For the SDL."""
        return AccessDirective(to=list(self.to))

    def check(self, actor: Actor) -> None:
        """Let the actor pass.

        Raises:
            GraphQLError: AUTHENTICATION_ERROR without a person, FORBIDDEN where a session is needed or
                without a permission, which it names.
        """
        if self.needs_sign_in and not actor.is_signed_in:
            raise GraphQLError("Sign in first.", extensions={"code": ErrorCode.AUTHENTICATION_ERROR.value})
        if self.needs_session and not actor.is_in_session:
            raise GraphQLError(NO_SESSION, extensions={"code": ErrorCode.FORBIDDEN.value, "reason": "SESSION_NEEDED"})
        is_by_key = self.or_keys is not None and actor.key is not None and actor.key.kind is self.or_keys
        if self.one_of and not is_by_key and not any(actor.may(permission) for permission in self.one_of):
            named = " or ".join(permission.value for permission in self.one_of)
            raise GraphQLError(f"This needs the permission {named}.", extensions={"code": ErrorCode.FORBIDDEN.value})


ANYONE: Final = Access(("ANYONE",), needs_sign_in=False)
SIGNED_IN: Final = Access(("SIGNED_IN",))
IN_SESSION: Final = Access(("IN_SESSION",), needs_session=True)
"""For what a person decides about themselves: no program does it for them."""


def holders_or_developers(permission: Permission) -> Access:
    """Persons with a role that grants the permission, and programs by a developer's key, for what is their owner's."""
    return Access((permission.value, "DEVELOPER_KEY"), one_of=(permission,), or_keys=ApiKeyKind.DEVELOPER)


def holders_of(*permissions: Permission) -> Access:
    """Persons with a role that grants at least one of the permissions."""
    return Access(tuple(permission.value for permission in permissions), one_of=permissions)

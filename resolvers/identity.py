"""People: who asks, who is known, what people change of their own."""

from __future__ import annotations

import strawberry

from db.reads.identity import live_sessions, user_page
from db.reads.people import user_rows
from domain.identity.errors import UserNotFound
from domain.identity.outcome import Refused
from domain.identity.pins import change_pin, reset_pin, set_pin, verify_pin
from domain.identity.profile import update_profile
from domain.identity.roles import Permission, permissions_of
from domain.identity.search import UserFilter
from domain.ids import IdKind, UserId, decode_id, encode_id
from resolvers.context import Info
from schema.access import IN_SESSION, SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.identity import Session, User, UserFilterInput
from schema.identity_account import (
    PinChangeInput,
    PinChangePayload,
    PinResetInput,
    PinResetPayload,
    PinSetInput,
    PinSetPayload,
    PinVerifyInput,
    PinVerifyPayload,
    ProfileUpdateInput,
    ProfileUpdatePayload,
)
from schema.pages import Connection, scope_of


def user_id_of(text: str, *, path: tuple[str, ...] = ("userId",)) -> UserId:
    """Read a person's id.

    Raises:
        InvalidInput: it is no person's id.
    """
    return UserId(decode_id(IdKind.USER, text, path=path))


@strawberry.type
class ViewerIdentity:
    """The person who asks."""

    user: User
    """As others see you, with your own data in the clear."""

    @query(access=SIGNED_IN)
    async def id(self, info: Info) -> strawberry.ID:
        """Your id."""
        return strawberry.ID(encode_id(IdKind.USER, self.user.user_id))

    @query(access=SIGNED_IN)
    async def permissions(self, info: Info) -> list[Permission]:
        """What your roles allow, by name."""
        return sorted(permissions_of(info.context.actor.roles))

    @query(access=IN_SESSION)
    async def sessions(self, info: Info) -> list[Session]:
        """Your sessions that go on, the latest seen first; at most 20."""
        actor = info.context.actor
        async with info.context.database.read() as connection:
            found = await live_sessions(connection, user_id=actor.user_id, at=info.context.clock.now())
        return [Session.of(session, current=actor.session) for session in found]


@strawberry.type
class IdentityQuery:
    """What can be asked about people."""

    @query(access=SIGNED_IN)
    async def user(self, info: Info, id: strawberry.ID) -> User:
        """A person: the name for everybody who is signed in, state and roles for staff."""
        user_id = user_id_of(id, path=("id",))
        found = (await user_rows(info.context.database.reads, [user_id])).get(user_id)
        if found is None:
            raise UserNotFound
        return User.of(found)

    @query(access=holders_of(Permission.USER_READ))
    async def users(
        self,
        info: Info,
        filter: UserFilterInput | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[User]:
        """People, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        given = filter or UserFilterInput()
        wanted = UserFilter(text=given.text, role=given.role, status=given.status)
        cursors, scope = info.context.cursors, scope_of("users", given.text, given.role, given.status)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await user_page(connection, wanted=wanted, at=info.context.clock.now(), page=request)
        return Connection.of(page.map(User.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class IdentityMutation:
    """What people change of their own."""

    @mutation(access=IN_SESSION)
    async def profile_update(self, info: Info, input: ProfileUpdateInput) -> ProfileUpdatePayload:
        """Appear under another name, or read another language."""
        async with info.context.unit_of_work() as uow:
            user = await update_profile(
                uow,
                display_name=input.display_name,
                language=input.language,
                expected_version=input.expected_version,
            )
        return ProfileUpdatePayload(user=User.of(user))

    @mutation(access=IN_SESSION)
    async def pin_set(self, info: Info, input: PinSetInput) -> PinSetPayload:
        """Choose your first PIN."""
        async with info.context.unit_of_work() as uow:
            await set_pin(uow, pin=input.pin, gateways=info.context.gateways)
        return PinSetPayload(is_set=True)

    @mutation(access=IN_SESSION)
    async def pin_change(self, info: Info, input: PinChangeInput) -> PinChangePayload:
        """Choose another PIN, knowing the present one."""
        async with info.context.unit_of_work() as uow:
            refused = await change_pin(
                uow, current_pin=input.current_pin, new_pin=input.new_pin, gateways=info.context.gateways
            )
        if refused is not None:
            raise refused.refusal
        return PinChangePayload(is_changed=True)

    @mutation(access=IN_SESSION)
    async def pin_reset(self, info: Info, input: PinResetInput) -> PinResetPayload:
        """Choose another PIN by a passcode for PIN_RESET, sent to your own address."""
        async with info.context.unit_of_work() as uow:
            refused = await reset_pin(
                uow, address=input.address, code=input.code, new_pin=input.new_pin, gateways=info.context.gateways
            )
        if refused is not None:
            raise refused.refusal
        return PinResetPayload(is_changed=True)

    @mutation(access=IN_SESSION)
    async def pin_verify(self, info: Info, input: PinVerifyInput) -> PinVerifyPayload:
        """Show your PIN as a second factor; the session remembers when."""
        async with info.context.unit_of_work() as uow:
            outcome = await verify_pin(uow, pin=input.pin, gateways=info.context.gateways)
        if isinstance(outcome, Refused):
            raise outcome.refusal
        return PinVerifyPayload(session=Session.of(outcome, current=info.context.actor.session))

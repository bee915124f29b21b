"""What staff decide about people."""

from __future__ import annotations

import strawberry

from domain.identity.blocking import block_user, unblock_user
from domain.identity.profile import reveal_pii
from domain.identity.role_grants import grant_role, revoke_role
from domain.identity.roles import Permission
from resolvers.context import Info
from resolvers.identity import user_id_of
from schema.access import holders_of
from schema.fields import mutation
from schema.identity import User
from schema.identity_account import (
    PiiRevealInput,
    PiiRevealPayload,
    RoleGrantInput,
    RoleGrantPayload,
    RoleRevokeInput,
    RoleRevokePayload,
    UserBlockInput,
    UserBlockPayload,
    UserUnblockInput,
    UserUnblockPayload,
)


@strawberry.type
class StaffMutation:
    """What staff decide about people; each with a reason, each in the audit trail."""

    @mutation(access=holders_of(Permission.USER_BLOCK))
    async def user_block(self, info: Info, input: UserBlockInput) -> UserBlockPayload:
        """Shut a person out: sessions end, tokens are refused and sockets are closed at once."""
        async with info.context.unit_of_work() as uow:
            user = await block_user(uow, user_id=user_id_of(input.user_id), reason=input.reason, until=input.until)
        return UserBlockPayload(user=User.of(user))

    @mutation(access=holders_of(Permission.USER_BLOCK))
    async def user_unblock(self, info: Info, input: UserUnblockInput) -> UserUnblockPayload:
        """Let a person sign in again."""
        async with info.context.unit_of_work() as uow:
            user = await unblock_user(uow, user_id=user_id_of(input.user_id), reason=input.reason)
        return UserUnblockPayload(user=User.of(user))

    @mutation(access=holders_of(Permission.ROLE_GRANT))
    async def role_grant(self, info: Info, input: RoleGrantInput) -> RoleGrantPayload:
        """Give a role to somebody else; their present tokens are refused, a refresh brings the role."""
        async with info.context.unit_of_work() as uow:
            user = await grant_role(uow, user_id=user_id_of(input.user_id), role=input.role, reason=input.reason)
        return RoleGrantPayload(user=User.of(user))

    @mutation(access=holders_of(Permission.ROLE_GRANT))
    async def role_revoke(self, info: Info, input: RoleRevokeInput) -> RoleRevokePayload:
        """Take a role away; the person's tokens and sockets end at once."""
        async with info.context.unit_of_work() as uow:
            user = await revoke_role(uow, user_id=user_id_of(input.user_id), role=input.role, reason=input.reason)
        return RoleRevokePayload(user=User.of(user))

    @mutation(access=holders_of(Permission.PII_REVEAL))
    async def pii_reveal(self, info: Info, input: PiiRevealInput) -> PiiRevealPayload:
        """See a person's phone or e-mail in the clear; who looked, at what, and why, is audited."""
        async with info.context.unit_of_work() as uow:
            revealed = await reveal_pii(
                uow,
                user_id=user_id_of(input.node_id, path=("nodeId",)),
                fields=frozenset(input.fields),
                reason=input.reason,
            )
        return PiiRevealPayload(phone=revealed.phone, email=revealed.email)

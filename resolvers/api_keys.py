"""Keys by which programs act for people."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from db.reads.api_keys import api_key_page
from domain.identity.api_key import ApiKeyFilter
from domain.identity.api_key_errors import ApiKeyNotFound
from domain.identity.api_keys import create_api_key, revoke_api_key
from domain.identity.roles import Permission
from domain.ids import ApiKeyId, IdKind, decode_id
from domain.plain import to_plain
from resolvers.context import Info
from resolvers.identity import user_id_of
from schema.access import IN_SESSION, holders_of
from schema.api_keys import (
    ApiKey,
    ApiKeyCreateInput,
    ApiKeyCreatePayload,
    ApiKeyFilterInput,
    ApiKeyRevokeInput,
    ApiKeyRevokePayload,
)
from schema.fields import mutation, query
from schema.pages import Connection, scope_of


@strawberry.type
class ApiKeyQuery:
    """What can be asked about keys."""

    @query(access=IN_SESSION)
    async def api_keys(
        self, info: Info, filter: ApiKeyFilterInput | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[ApiKey]:
        """Your keys, the newest first; with the permission api_key:manage everybody's. Never their secrets."""
        wanted = visible_keys(info, filter or ApiKeyFilterInput())
        cursors, scope = info.context.cursors, scope_of("apiKeys", wanted)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await api_key_page(connection, wanted=wanted, page=request)
        return Connection.of(page.map(ApiKey.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class ApiKeyMutation:
    """How programs are let in and shut out."""

    @mutation(access=holders_of(Permission.API_KEY_MANAGE), once=True)
    async def api_key_create(self, info: Info, input: ApiKeyCreateInput) -> ApiKeyCreatePayload:
        """Make a key for somebody. Its secret is in this answer and nowhere else."""
        owner_id = user_id_of(input.owner_id, path=("ownerId",))
        async with info.context.unit_of_work() as uow:
            made = await create_api_key(
                uow,
                owner_id=owner_id,
                kind=input.kind,
                label=input.label,
                networks=input.networks,
                sealer=info.context.gateways.sealer,
            )
            payload = ApiKeyCreatePayload(api_key=ApiKey.of(made.key), secret=made.secret)
            uow.remember(to_plain(replace(payload, secret=None)))  # kept in the clear, which no secret is
        return payload

    @mutation(access=IN_SESSION)
    async def api_key_revoke(self, info: Info, input: ApiKeyRevokeInput) -> ApiKeyRevokePayload:
        """Make a key worthless: its requests are refused, its sockets and streams close at once."""
        key_id = ApiKeyId(decode_id(IdKind.API_KEY, input.id))
        async with info.context.unit_of_work() as uow:
            key = await revoke_api_key(uow, key_id=key_id, reason=input.reason)
        return ApiKeyRevokePayload(api_key=ApiKey.of(key))


def visible_keys(info: Info, given: ApiKeyFilterInput) -> ApiKeyFilter:
    """The filter, narrowed to what the caller may see.

    Raises:
        InvalidInput: the owner is no person's id.
        ApiKeyNotFound: somebody else's keys, without the permission.
    """
    actor = info.context.actor
    owner_id = user_id_of(given.owner_id, path=("filter", "ownerId")) if given.owner_id else None
    if not actor.may(Permission.API_KEY_MANAGE):
        if owner_id not in (None, actor.user_id):
            raise ApiKeyNotFound
        owner_id = actor.user_id
    return ApiKeyFilter(owner_id=owner_id, kind=given.kind, is_revoked=given.is_revoked)

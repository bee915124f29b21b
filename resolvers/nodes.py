"""Relay's node and nodes: anything with an id, for whoever may see it."""

from __future__ import annotations

import asyncio
from typing import Final

import strawberry

from db.reads.identity import live_sessions
from domain.errors import FieldFault, InvalidInput, NotFound
from domain.ids import CategoryId, IdKind, SessionId, decode_id, kind_of_id
from resolvers.context import Info
from resolvers.identity import user_id_of
from resolvers.listings import listing_id_of, visible_listing
from resolvers.wallets import visible_wallet, wallet_id_of
from schema.access import ANYONE
from schema.fields import query
from schema.identity import Session
from schema.node import Node
from schema.traits import Traits

NODES_MAX: Final = 50


@strawberry.type
class NodeQuery:
    """Anything by its id."""

    @query(access=ANYONE)
    async def node(self, info: Info, id: strawberry.ID) -> Node:
        """A person, session, wallet, category or listing that you may see."""
        found = await _visible(info, id, path=("id",))
        if found is None:
            raise NotFound("node")
        return found

    @query(access=ANYONE, traits=Traits(sized_by="ids"))
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Up to 50 at once, in the order asked; null where there is none that you may see."""
        if len(ids) > NODES_MAX:
            raise InvalidInput(FieldFault(("ids",), f"must be at most {NODES_MAX}"))
        return list(await asyncio.gather(*(_visible(info, id, path=("ids",)) for id in ids)))


async def _visible(info: Info, id: str, *, path: tuple[str, ...]) -> Node | None:
    found: Node | None
    match kind_of_id(id):
        case IdKind.USER if info.context.actor.is_signed_in:
            found = await info.context.loaders.user.load(user_id_of(id, path=path))
        case IdKind.SESSION if info.context.actor.is_in_session:
            found = await _own_session(info, SessionId(decode_id(IdKind.SESSION, id, path=path)))
        case IdKind.WALLET if info.context.actor.is_signed_in:
            found = await visible_wallet(info, wallet_id_of(id, path=path))
        case IdKind.CATEGORY:
            found = await info.context.loaders.category.load(CategoryId(decode_id(IdKind.CATEGORY, id, path=path)))
        case IdKind.LISTING:
            found = await visible_listing(info, listing_id_of(id, path=path))
        case None:
            raise InvalidInput(FieldFault(path, "is not an id of ours"))
        case _:
            found = None
    return found


async def _own_session(info: Info, session_id: SessionId) -> Session | None:
    actor = info.context.actor
    async with info.context.database.read() as connection:
        live = await live_sessions(connection, user_id=actor.user_id, at=info.context.clock.now())
    return next((Session.of(found, current=actor.session) for found in live if found.id == session_id), None)

"""A person's access, live and for that person alone."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from db.reads.identity import users_by_ids
from domain.identity import events as domain
from domain.identity.errors import UserNotFound
from domain.identity.user import User as Person
from realtime.channels import user_channel
from realtime.envelope import Envelope
from resolvers.context import ApiContext, Info
from resolvers.streams import live_source, personal
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.identity import User
from schema.scalars import StreamCursor
from schema.streams import EventHead
from schema.user_events import SessionEnded, UserBlocked, UserSnapshot, UserStreamItem, UserUnblocked


@strawberry.type
class UserSubscription:
    """What people are told live about themselves."""

    @subscription(access=SIGNED_IN)
    async def user_events(
        self, info: Info, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[UserStreamItem]:
        """Whether you may act: blocks and their end, sessions that end. You come first unless you resume."""
        context, actor = info.context, info.context.actor

        async def read(connection: Connection) -> Person:
            found = (await users_by_ids(connection, [actor.user_id])).get(actor.user_id)
            if found is None:
                raise UserNotFound
            return found

        return live_source(
            context,
            user_channel(actor.user_id),
            viewer=personal(actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda person, place: UserSnapshot(user=User.of(person), **place),
            tell=lambda envelope, head: told(context, envelope, head),
        )


def told(context: ApiContext, envelope: Envelope, head: EventHead) -> UserBlocked | UserUnblocked | SessionEnded:
    """The event as its person reads it."""
    match context.live.table.fact(envelope):
        case domain.UserBlocked() as event:
            return UserBlocked.of(event, head)
        case domain.UserUnblocked() as event:
            return UserUnblocked.of(event, head)
        case domain.SessionEnded() as event:
            return SessionEnded.of(event, head)
    raise AssertionError(f"{envelope.name} is not told to people")

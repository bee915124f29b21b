"""A person's access, live and for that person alone."""

from __future__ import annotations

from datetime import timedelta

from domain.identity.actor import Actor
from domain.identity.blocking import block_user, unblock_user
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id
from tests.commands import NOON, Commands
from tests.makers.people import make_person
from tests.resolvers.live.listening import HEAD, LiveApi

LISTEN = f"""
subscription($after: StreamCursor, $snapshot: Boolean = true) {{
  userEvents(after: $after, snapshot: $snapshot) {{
    __typename
    ... on UserSnapshot {{ cursor user {{ id displayName status }} }}
    ... on UserBlocked {{ {HEAD} userId reason until }}
    ... on UserUnblocked {{ {HEAD} userId reason }}
    ... on SessionEnded {{ {HEAD} userId sessionId endedReason }}
    ... on StreamGap {{ reason resumeFrom }}
    ... on StreamHeartbeat {{ cursor }} }} }}
"""


async def test_a_person_hears_why_they_were_blocked_and_that_it_is_over(commands: Commands, live: LiveApi) -> None:
    person, admin = await make_person(commands), await make_person(commands, Role.ADMIN)
    somebody = await make_person(commands)

    async with live.listening(person, LISTEN) as heard, live.listening(somebody, LISTEN) as unconcerned:
        first = await heard.next()
        await unconcerned.next()
        async with commands.by(admin) as uow:
            await block_user(uow, user_id=person.user_id, reason="Fraud report", until=NOON + timedelta(days=1))
        async with commands.by(admin) as uow:
            await unblock_user(uow, user_id=person.user_id, reason="Cleared")
        blocked, unblocked = await heard.next(), await heard.next()
        await unconcerned.silence()

    own = encode_id(IdKind.USER, person.user_id)
    assert first["user"] == {"id": own, "displayName": "Wanjiru", "status": "ACTIVE"}
    assert (blocked["type"], blocked["userId"], blocked["reason"]) == ("user.blocked", own, "Fraud report")
    assert blocked["until"] == "2026-11-21T12:00:00.000Z"
    assert (unblocked["type"], unblocked["reason"]) == ("user.unblocked", "Cleared")


async def test_what_was_missed_is_told_after_the_cursor(commands: Commands, live: LiveApi) -> None:
    person, admin = await make_person(commands), await make_person(commands, Role.ADMIN)
    async with live.listening(person, LISTEN) as heard:
        cursor = (await heard.next())["cursor"]
    async with commands.by(admin) as uow:
        await block_user(uow, user_id=person.user_id, reason="Fraud report", until=None)

    async with live.listening(person, LISTEN, after=cursor) as heard:
        blocked = await heard.next()

    assert (blocked["__typename"], blocked["until"]) == ("UserBlocked", None)


async def test_nobody_listens_without_signing_in(live: LiveApi) -> None:
    async with live.listening(Actor.anonymous(), LISTEN) as heard:
        assert (await heard.refusal())["code"] == "AUTHENTICATION_ERROR"

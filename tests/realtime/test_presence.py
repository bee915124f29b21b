"""Access that ends closes sockets, in every process, whatever is down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.embedded.valkey import ValkeyServer
from db.transaction import Transaction
from domain.clock import SystemClock
from domain.events import Event
from domain.identity.access import AccessChange, AccessClaims
from domain.ids import SessionId, UserId, new_id
from realtime.presence import Presence
from realtime.publication import Address, Publication, PublishingTable
from realtime.revocations import Revocations
from tests.realtime.notes import Process, process, running, tell

TABLE = "create table ended (user_id uuid, session_id uuid, generation int, reason text, at timestamptz)"


@dataclass(frozen=True, kw_only=True)
class AccessEnded(Event):
    """Somebody's access ended."""

    name = "access.ended"

    who: str

    @property
    def subject(self) -> str:
        return self.who


ACCESS_TABLE = PublishingTable(
    [Publication(AccessEnded, "access.ended", (Address("access", "processes", lambda _: ["access"], lambda _: {}),))]
)


class RecordingSocket:
    """A socket that remembers when and how it was closed."""

    def __init__(self) -> None:
        self.closed: list[tuple[int, str, float]] = []

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason, time.monotonic()))

    async def until_closed(self, *, seconds: float = 30.0) -> float:
        """When it was closed."""
        async with asyncio.timeout(seconds):
            while not self.closed:  # noqa: ASYNC110  # called by the code under test
                await asyncio.sleep(0.002)
        return self.closed[0][2]


def claims(*, generation: int = 1, lifetime: timedelta = timedelta(minutes=15)) -> AccessClaims:
    now = datetime.now(UTC)
    return AccessClaims(
        user_id=UserId(new_id()),
        session_id=SessionId(new_id()),
        roles=frozenset(),
        generation=generation,
        issued_at=now,
        expires_at=now + lifetime,
        token_id=new_id(),
    )


async def end_access(
    one: Process, *, user_id: UserId, session_id: SessionId | None = None, generation: int | None = None
) -> None:
    """One commit: the change and the event."""
    at = datetime.now(UTC)
    async with Transaction(one.database) as transaction:
        await transaction.session.execute(
            text("insert into ended values (:user, :session, :generation, 'BLOCKED', :at)"),
            {"user": user_id, "session": session_id, "generation": generation, "at": at},
        )
        await tell(transaction, [AccessEnded(who=str(user_id))])
        await transaction.commit()
    one.doorbell.ring()


@asynccontextmanager
async def guarded(one: Process) -> AsyncIterator[tuple[Presence, Revocations]]:
    """Presence and revocations of a process, at work."""

    async def read(since: datetime) -> Sequence[AccessChange]:
        async with one.database.read() as connection:
            rows = await connection.execute(text("select * from ended where at >= :since"), {"since": since})
            return [
                AccessChange(
                    user_id=UserId(row.user_id),
                    session_id=SessionId(row.session_id) if row.session_id else None,
                    generation=row.generation,
                    reason=row.reason,
                )
                for row in rows
            ]

    revocations = Revocations(read, clock=SystemClock(), metrics=one.metrics)
    await revocations.refresh()
    async with Presence(revocations, clock=SystemClock(), metrics=one.metrics) as presence:
        keeping = asyncio.create_task(revocations.run(one.hub))
        await asyncio.sleep(0.05)
        yield presence, revocations
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@pytest.fixture
async def ended(one: Process) -> None:
    async with one.database.transaction() as connection:
        await connection.execute(text(TABLE))


@pytest.mark.usefixtures("ended")
async def test_sockets_of_a_blocked_person_close_in_every_process_within_a_second(one: Process, other: Process) -> None:
    took: list[float] = []
    async with running(one.relay(table=ACCESS_TABLE)), guarded(one) as (here, _), guarded(other) as (there, _):
        for _ in range(10):
            who = claims()
            sockets = RecordingSocket(), RecordingSocket()
            here.register(sockets[0], who)
            there.register(sockets[1], who)

            began = time.monotonic()
            await end_access(one, user_id=who.user_id, generation=2)
            took += [await socket.until_closed() - began for socket in sockets]

            assert [socket.closed[0][:2] for socket in sockets] == [(4403, "access ended: blocked")] * 2

    assert max(took) < 1.0
    assert sorted(took)[len(took) // 2] < 0.5  # without the event it would be 0.575 s in the middle
    assert min(took) >= 0.2  # the event had its moment to arrive first


@pytest.mark.usefixtures("ended")
async def test_only_the_ended_session_is_closed(one: Process) -> None:
    async with running(one.relay(table=ACCESS_TABLE)), guarded(one) as (presence, revocations):
        first = claims()
        second = replace(first, session_id=SessionId(new_id()))
        somebody = claims()
        sockets = [RecordingSocket() for _ in range(3)]
        for socket, whose in zip(sockets, (first, second, somebody), strict=True):
            presence.register(socket, whose)

        await end_access(one, user_id=first.user_id, session_id=first.session_id)
        await sockets[0].until_closed()
        await asyncio.sleep(0.3)

        assert [len(socket.closed) for socket in sockets] == [1, 0, 0]
        judged = [
            revocations.is_revoked(user_id=who.user_id, session_id=who.session_id, generation=who.generation)
            for who in (first, second, somebody)
        ]
        assert judged == [True, False, False]


@pytest.mark.usefixtures("ended")
async def test_a_newer_token_of_the_same_person_stays(one: Process) -> None:
    async with running(one.relay(table=ACCESS_TABLE)), guarded(one) as (presence, _):
        old = claims(generation=1)
        new = replace(old, generation=2, session_id=SessionId(new_id()))
        sockets = RecordingSocket(), RecordingSocket()
        presence.register(sockets[0], old)
        presence.register(sockets[1], new)

        await end_access(one, user_id=old.user_id, generation=2)
        await sockets[0].until_closed()
        await asyncio.sleep(1.0)

        assert sockets[1].closed == []


@pytest.mark.usefixtures("ended")
async def test_without_a_relay_sockets_still_close(one: Process) -> None:
    async with guarded(one) as (presence, _):
        took: list[float] = []
        for _ in range(3):
            who, socket = claims(), RecordingSocket()
            presence.register(socket, who)
            began = time.monotonic()
            await end_access(one, user_id=who.user_id, generation=2)
            took.append(await socket.until_closed() - began)

    assert max(took) < 1.2


async def test_without_redis_sockets_still_close(fresh_database_url: str, mortal_valkey: ValkeyServer) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(process(fresh_database_url, mortal_valkey.url))
        async with one.database.transaction() as connection:
            await connection.execute(text(TABLE))
        await stack.enter_async_context(running(one.relay(table=ACCESS_TABLE)))
        presence, _ = await stack.enter_async_context(guarded(one))
        assert mortal_valkey.process is not None
        mortal_valkey.process.kill()
        who, socket = claims(), RecordingSocket()
        presence.register(socket, who)

        began = time.monotonic()
        await end_access(one, user_id=who.user_id, generation=2)

        assert await socket.until_closed() - began < 1.2


@pytest.mark.usefixtures("ended")
async def test_a_process_that_starts_later_knows_what_ended_and_closes_what_opens_with_it(one: Process) -> None:
    who, socket = claims(), RecordingSocket()
    await end_access(one, user_id=who.user_id, session_id=who.session_id)

    async with guarded(one) as (presence, revocations):
        assert revocations.is_revoked(user_id=who.user_id, session_id=who.session_id, generation=1)
        presence.register(socket, who)
        await socket.until_closed(seconds=0.2)

    assert socket.closed[0][:2] == (4403, "access ended")


@pytest.mark.usefixtures("ended")
async def test_a_socket_closes_when_its_token_expires_and_not_when_it_left_before(one: Process) -> None:
    async with guarded(one) as (presence, _):
        staying, leaving = RecordingSocket(), RecordingSocket()
        stays, leaves = claims(lifetime=timedelta(seconds=0.3)), claims(lifetime=timedelta(seconds=0.3))
        presence.register(staying, stays)
        presence.register(leaving, leaves)
        presence.unregister(leaving, leaves)

        await staying.until_closed()

        assert staying.closed[0][:2] == (4403, "token expired")
        assert leaving.closed == []
        assert one.figure("sokoni_forced_closes_total") == 1.0

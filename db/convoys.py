"""Convoys: commands of one moment that share a transaction and are committed together (decision 45).

A convoy carries only what goes smoothly: plain transfers between wallets that nobody holds, each given for the first
time. Who needs a wallet that somebody holds rides once more with others who need it. Whatever else comes up - a
refusal, a key that is known, a lost connection - is carried out again, each command by itself, as if there had been no
convoy. Keys make that harmless even where nobody knows whether the commit was done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar

import orjson

from db import traces
from db.coalescing import Coalescing
from db.convoy_posting import post_together
from db.convoy_riders import Carry, Member, Rider, WalletsAsked
from db.engine import Database
from db.prepared import Prepared
from db.read_pool import DriverConnection
from db.repositories.wallets import WITH_OWNERS
from db.transaction import Transaction
from db.unit_of_work import Command

A = TypeVar("A")

FEWEST: Final = 2
MOST: Final = 64
PATIENCE_SECONDS: Final = 0.025
# Who was answered by a convoy is likely to ask again at once, and would else ride in the next but one.
REST_SECONDS: Final = 0.003
WAIT_SECONDS: Final = 1.0
# Whom it waits for by mistake, such as a twin of one command at another process, keeps all of them waiting. On a busy
# machine even a page to write on may take 10 ms.
_IMPATIENT: Final = "set local lock_timeout = '50ms'"
# What its own statements read they read by keys. A plan from when a table was small would go on reading all of it,
# until somebody looks again how large it has become.
BY_KEYS: Final = "set local enable_seqscan = off"
_PATIENT: Final = f"set local lock_timeout = '{WAIT_SECONDS:.0f}s'"
# The wallets that are asked for, and the places of keys that are known. Texts come as JSON, for of an array the driver
# looks at each several times.
LOOK: Final = f"""
    select null as place, found.* from ({WITH_OWNERS}) found
    union all select place, null, null, null, null, null, null, null
    from json_array_elements($2::text::json) with ordinality each (name, place), lateral (
        select from idempotency_keys where actor = name ->> 0 and operation = name ->> 1 and key = name ->> 2 limit 1
    ) known
"""
_log = logging.getLogger(__name__)


class Convoys:
    """Those of one process. A command that comes by itself rides in none; while one is under way the next gathers.

    Those who need an account that somebody holds ride once more, in a convoy for that account that waits until it is
    free. Without that they would hold it one after the other, and whoever comes next would find it held again.
    """

    def __init__(self, database: Database, *, ring: Callable[[], None]) -> None:
        self._database, self._ring = database, ring
        self._gathering = Coalescing(keys_max=MOST, patience_seconds=PATIENCE_SECONDS, rest_seconds=REST_SECONDS)
        # One of them waits for an account at a time; a second would hold one more connection for nothing.
        self._behind = Coalescing(keys_max=MOST, patience_seconds=WAIT_SECONDS, rest_seconds=REST_SECONDS)

    async def carry_out(self, command: Command, carry: Carry[A]) -> A | None:
        """What the command answered, committed; None where nothing was done and it is to be carried out by itself.

        Raises:
            Overloaded: no connection became free in time.
        """
        member = Member(command, carry)
        try:
            await self._gathering.answers(None, (member,), partial(self._drive, None))
            if member.lacks is not None:
                await self._behind.answers(member.lacks, (member,), partial(self._drive, member.lacks))
        except asyncio.CancelledError:
            member.is_given_up = True
            raise
        return member.answer

    async def close(self) -> None:
        """Wait for those under way."""
        await self._gathering.close()
        await self._behind.close()

    async def _drive(self, behind: str | None, members: list[Member[Any]]) -> Mapping[Member[Any], None]:
        if len(members) < FEWEST:
            return {}
        lanes = self._database.lanes
        await lanes.enter(behind)
        riders: list[Rider] = []
        try:
            riders += [Rider(self._database, each) for each in _each_once(members)]
            arrived = await self._to_the_end(riders, _first(behind))
        except Exception as fault:
            # Whatever it is, it is the convoy's. Not told by its text, which may show people's values.
            _log.warning("a convoy was given up: %s %s", type(fault).__name__, getattr(fault, "sqlstate", ""))
            return {}
        finally:
            lanes.leave(behind)
            for rider in riders:
                rider.leave()
            _twins_follow(members, riders)
        if arrived:
            self._ring()
        for rider in arrived:
            rider.member.answer = rider.answer
        return {}

    async def _to_the_end(self, riders: list[Rider], first: str) -> list[Rider]:
        """Those whose commands are committed."""
        transaction = Transaction(self._database)
        try:
            await transaction.begin(first)
            posted = await post_together(transaction.driver, await _set_out(transaction.driver, riders))
            assert all(rider.answer is not None for rider in posted), "who has posted has only its answer to make"
            if posted:
                await transaction.commit(traces.leaving_together(rider.uow.trace for rider in posted))
            return posted
        finally:
            await transaction.close()


def _first(behind: str | None) -> str:
    """What it begins with. It holds nothing yet, so nobody waits in a circle."""
    if behind is None:
        return f"{BY_KEYS}; {_IMPATIENT}"
    return f"{BY_KEYS}; {_PATIENT}; {Prepared.await_account.with_value(behind)}; {_IMPATIENT}"


def _each_once(members: list[Member[Any]]) -> Iterable[Member[Any]]:
    """The first under each key; twins find its answer when they are carried out by themselves."""
    first: dict[tuple[str, str, str], Member[Any]] = {}
    for member in members:
        if not member.is_given_up:
            first.setdefault(member.name, member)
    return first.values()


def _twins_follow(members: list[Member[Any]], riders: list[Rider]) -> None:
    """Where one rides once more its twins do: by themselves they would have taken its key meanwhile."""
    lacking = {rider.member.name: rider.member.lacks for rider in riders}
    for member in members:
        member.lacks = lacking.get(member.name)


async def _set_out(driver: DriverConnection, riders: list[Rider]) -> list[Rider]:
    """Those whose keys nobody has used, gone on with the wallets that they asked for first. The others have an answer
    waiting, or none to be had.
    """
    for rider in riders:
        rider.go_on()
    asked = [rider.asked.wallet_ids if isinstance(rider.asked, WalletsAsked) else () for rider in riders]
    names = orjson.dumps([rider.member.name for rider in riders]).decode()
    rows = await driver.fetch(LOOK, set(chain.from_iterable(asked)), names)
    wallets, known = {row["id"]: row for row in rows}, {row["place"] for row in rows}
    unknown = [pair for place, pair in enumerate(zip(riders, asked, strict=True), start=1) if place not in known]
    for rider, wallet_ids in unknown:
        if wallet_ids:
            rider.go_on([wallets[wallet_id] for wallet_id in wallet_ids if wallet_id in wallets])
    return [rider for rider, _ in unknown]

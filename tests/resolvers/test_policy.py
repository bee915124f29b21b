"""What stands around every operation: the general limit, the request's name, masked faults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
import strawberry

from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey, ApiKeyKind
from domain.ids import ApiKeyId, SessionId, UserId, new_id
from domain.rate_limits import RateState
from resolvers.policy import INTERNAL_MESSAGE, ApiPolicy, caller_of
from schema.context import Context
from schema.pages import CursorSigner
from tests.commands import NOON, Commands
from transport.asking import Asked
from transport.operations import Operations


@strawberry.type
class Query:
    @strawberry.field
    async def fine(self) -> int:
        return 1

    @strawberry.field
    async def broken(self) -> int:
        raise RuntimeError("the password is hunter2")


class Counting:
    """Lets a number of operations pass in a window that ends in half a minute."""

    def __init__(self, limit: int) -> None:
        self.limit, self.hits = limit, 0

    def hit(self, caller: str) -> RateState:
        self.hits += 1
        return RateState(
            limit=self.limit,
            remaining=max(0, self.limit - self.hits),
            reset_at=NOON + timedelta(seconds=30),
            is_exceeded=self.hits > self.limit,
        )


@pytest.fixture
def guarded() -> Operations:
    return Operations(strawberry.Schema(Query), policy=ApiPolicy())


async def answered(guarded: Operations, document: str, context: Context) -> Any:
    return orjson.loads((await guarded.execute(Asked(document), context)).body)


def context(limiter: Counting, commands: Commands) -> Context:
    def open_nothing(*_: Any, **__: Any) -> Any:
        raise AssertionError("queries open no unit of work")

    return Context(
        actor=Actor.anonymous(address="192.0.2.1"),
        request_id="req-7",
        open_unit_of_work=open_nothing,
        carry_together=open_nothing,
        cursors=CursorSigner(b"secret"),
        limiter=limiter,
        clock=commands.clock,
    )


async def test_one_operation_too_many_is_refused_with_the_time_to_come_back(
    guarded: Operations, commands: Commands
) -> None:
    limiter = Counting(2)

    answers = [await answered(guarded, "{ fine }", context(limiter, commands)) for _ in range(3)]

    assert [answer.get("data") for answer in answers] == [{"fine": 1}, {"fine": 1}, None]
    (error,) = answers[2]["errors"]
    assert error["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert 25 <= error["extensions"]["retryAfterSeconds"] <= 30
    told = [answer["extensions"]["rateLimit"]["remaining"] for answer in answers]
    assert told == [1, 0, 0]


async def test_a_fault_of_ours_shows_the_request_and_nothing_else(guarded: Operations, commands: Commands) -> None:
    answer = await answered(guarded, "{ broken }", context(Counting(9), commands))

    (error,) = answer["errors"]
    assert error["message"] == INTERNAL_MESSAGE
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "req-7"}
    assert "hunter2" not in str(answer)


async def test_a_faulty_document_is_the_clients_to_read(guarded: Operations, commands: Commands) -> None:
    answer = await answered(guarded, "{ nothing }", context(Counting(9), commands))

    (error,) = answer["errors"]
    assert error["message"].startswith("Cannot query field 'nothing'")
    assert error["extensions"] == {"code": "BAD_REQUEST", "requestId": "req-7"}


def test_a_keys_operations_are_counted_apart_from_its_owners() -> None:
    owner = UserId(new_id())
    keys = [ActingKey(ApiKeyId(new_id()), ApiKeyKind.MERCHANT) for _ in range(2)]
    person = Actor.person(owner, SessionId(new_id()), frozenset(), address="203.0.113.7")

    counted = {caller_of(actor) for actor in (person, *(Actor.by_key(key, owner, frozenset()) for key in keys))}

    assert len(counted) == 3
    assert caller_of(Actor.anonymous(address="203.0.113.7")) == "203.0.113.7"


async def test_only_developers_keys_ask_about_a_schema_that_is_not_shown(commands: Commands) -> None:
    guarded = Operations(strawberry.Schema(Query), policy=ApiPolicy(shows_schema=False))
    owner, question = UserId(new_id()), "{ __schema { queryType { name } } }"

    async def asked(actor: Actor) -> Any:
        asking = context(Counting(10), commands)
        asking.actor = actor
        return await answered(guarded, question, asking)

    by_key = {
        kind: await asked(Actor.by_key(ActingKey(ApiKeyId(new_id()), kind), owner, frozenset())) for kind in ApiKeyKind
    }
    by_person = await asked(Actor.person(owner, SessionId(new_id()), frozenset()))

    assert by_key[ApiKeyKind.DEVELOPER]["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    for refused in (by_key[ApiKeyKind.MERCHANT], by_person, await asked(Actor.anonymous())):
        assert "data" not in refused
        assert refused["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"

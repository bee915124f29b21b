"""What stands around every operation: the general limit, the request's name, masked faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import strawberry

from domain.identity.actor import Actor
from domain.rate_limits import RateState
from resolvers.policy import INTERNAL_MESSAGE, ApiPolicy
from schema.context import Context
from schema.pages import CursorSigner
from tests.commands import Commands
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
            reset_at=datetime.now(UTC) + timedelta(seconds=30),
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

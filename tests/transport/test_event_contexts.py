"""What is loaded for one event of a subscription is old for the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import strawberry

from execution.mode import ExecutionMode
from transport.answer import Stream
from transport.asking import Asked
from transport.operations import Operations
from transport.policy import Plain


@strawberry.type
class Tick:
    number: int

    @strawberry.field
    def renewed(self, info: strawberry.Info[Any, None]) -> int:
        times: int = info.context["renewed"]
        return times


@strawberry.type
class Silence:
    seconds: int


@strawberry.type
class Query:
    number: int = 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[Annotated[Tick | Silence, strawberry.union("Item")]]:
        for number in range(3):
            yield Tick(number=number)


class Counting(Plain):
    """Counts how often a context is renewed."""

    def renew(self, context: Any) -> None:
        context["renewed"] += 1


async def told(selection: str, context: dict[str, int]) -> list[bytes]:
    operations = Operations(
        strawberry.Schema(Query, subscription=Subscription), policy=Counting(), mode=ExecutionMode.EAGER
    )
    stream = await operations.open(Asked(f"subscription {{ ticks {{ ... on Tick {{ {selection} }} }} }}"), context)
    assert isinstance(stream, Stream)
    answers = [stream.render(event) async for event in stream.source]
    return [answer if isinstance(answer, bytes) else await answer for answer in answers]


async def test_an_event_that_leads_to_more_is_answered_by_a_context_that_is_renewed() -> None:
    answers = await told("number renewed", {"renewed": 0})

    assert answers == [b'{"data":{"ticks":{"number":%d,"renewed":%d}}}' % (place, place + 1) for place in range(3)]


async def test_an_event_that_needs_nothing_but_reads_passes_the_context_by() -> None:
    context = {"renewed": 0}

    answers = await told("number", context)

    assert answers == [b'{"data":{"ticks":{"number":%d}}}' % place for place in range(3)]
    assert context["renewed"] == 1, "the first of its class is not known yet"

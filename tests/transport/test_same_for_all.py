"""Operations whose answer is the same for all: run once for those who ask at one moment, told to each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import strawberry

from db.coalescing import Coalescing
from execution.mode import ExecutionMode
from transport.asking import Asked
from transport.operations import Operations
from transport.policy import Plain

NEWS = "query News($first: Int) { news(first: $first) { text } }"
NEWS_AND_MINE = "{ news { text mine } }"


@strawberry.type
class Item:
    text: str

    @strawberry.field
    def mine(self, info: strawberry.Info[Any, None]) -> str:
        name: str = info.context["name"]
        return name


@strawberry.type
class Query:
    @strawberry.field(metadata={"same_for_all": True})  # type: ignore[untyped-decorator]  # as strawberry types it
    async def news(self, info: strawberry.Info[Any, None], first: int | None = None) -> list[Item]:
        runs: list[str] = info.context["runs"]
        runs.append(info.context["name"])
        await info.context["going_on"].wait()
        if first == 0:
            raise ValueError("none at all")
        return [Item(text=f"{len(runs)} of {first}")]

    @strawberry.field
    async def own(self, info: strawberry.Info[Any, None]) -> str:
        info.context["runs"].append(info.context["name"])
        name: str = info.context["name"]
        return name


class Named(Plain):
    """Says in every answer whose it is."""

    def extensions(self, context: Any) -> Mapping[str, Any]:
        return {"for": context["name"]}


class Crowd:
    """Callers of one endpoint, and who of them had something run."""

    def __init__(self, mode: ExecutionMode = ExecutionMode.EAGER) -> None:
        self.operations = Operations(strawberry.Schema(Query), policy=Named(), mode=mode, sharing=Coalescing())
        self.runs: list[str] = []
        self.going_on = asyncio.Event()
        self.going_on.set()

    async def ask(self, name: str, text: str, **variables: object) -> dict[str, Any]:
        context = {"name": name, "runs": self.runs, "going_on": self.going_on}
        answer = await self.operations.execute(Asked(text, variables), context)
        told: dict[str, Any] = orjson.loads(answer.body)
        return told


async def test_who_asks_at_the_same_moment_gets_one_answer_under_their_own_name() -> None:
    crowd = Crowd()

    amina, brian = await asyncio.gather(crowd.ask("amina", NEWS, first=3), crowd.ask("brian", NEWS, first=3))
    later = await crowd.ask("amina", NEWS, first=3)

    assert amina == {"data": {"news": [{"text": "1 of 3"}]}, "extensions": {"for": "amina"}}
    assert brian == {"data": {"news": [{"text": "1 of 3"}]}, "extensions": {"for": "brian"}}
    assert later["data"] == {"news": [{"text": "2 of 3"}]}
    assert crowd.runs == ["amina", "amina"]


async def test_who_asks_once_it_runs_waits_for_what_is_true_then() -> None:
    crowd = Crowd()
    crowd.going_on.clear()
    early = asyncio.create_task(crowd.ask("amina", NEWS))
    while not crowd.runs:  # noqa: ASYNC110  # it has no sign of its own
        await asyncio.sleep(0)

    late = asyncio.create_task(crowd.ask("brian", NEWS))
    await asyncio.sleep(0.01)
    crowd.going_on.set()
    await asyncio.gather(early, late)

    assert crowd.runs == ["amina", "brian"]


async def test_other_variables_are_another_question() -> None:
    crowd = Crowd()

    one, two = await asyncio.gather(crowd.ask("amina", NEWS, first=1), crowd.ask("brian", NEWS, first=2))

    assert [each["data"]["news"][0]["text"][-1] for each in (one, two)] == ["1", "2"]
    assert crowd.runs == ["amina", "brian"]


@pytest.mark.parametrize("text", [NEWS_AND_MINE, "{ own }", "{ news { text } own }"])
async def test_what_may_depend_on_who_asks_is_nobodys_to_share(text: str) -> None:
    crowd = Crowd()

    answers = await asyncio.gather(crowd.ask("amina", text), crowd.ask("brian", text))

    assert sorted(set(crowd.runs)) == ["amina", "brian"]
    for name, answer in zip(("amina", "brian"), answers, strict=True):
        assert answer["data"].get("own", name) == name
        assert [item.get("mine", name) for item in answer["data"].get("news", [])] in ([name], [])


async def test_each_is_told_of_a_failure() -> None:
    crowd = Crowd()

    answers = await asyncio.gather(crowd.ask("amina", NEWS, first=0), crowd.ask("brian", NEWS, first=0))

    assert [each["errors"][0]["message"] for each in answers] == ["none at all"] * 2
    assert [each["extensions"]["for"] for each in answers] == ["amina", "brian"]
    assert crowd.runs == ["amina"]


async def test_who_gives_up_does_so_for_nobody_else() -> None:
    crowd = Crowd()
    crowd.going_on.clear()
    first, second = (asyncio.create_task(crowd.ask(name, NEWS)) for name in ("amina", "brian"))
    while not crowd.runs:  # noqa: ASYNC110  # it has no sign of its own
        await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    crowd.going_on.set()

    assert (await second)["data"] == {"news": [{"text": "1 of None"}]}


async def test_by_reference_everybody_has_a_run_of_their_own() -> None:
    crowd = Crowd(ExecutionMode.REFERENCE)

    await asyncio.gather(crowd.ask("amina", NEWS), crowd.ask("brian", NEWS))

    assert crowd.runs == ["amina", "brian"]

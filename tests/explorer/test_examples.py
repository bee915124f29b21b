"""Every example does what it says, in a market as `make run` makes it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.app.explorer.examples import Example, examples, file_in, filled
from tests.flows.client import Caller
from tests.flows.market import Market


async def answered(caller: Caller, text: str, variables: dict[str, Any]) -> dict[str, Any]:
    """As the page sends it: as a form where there is a file."""
    given = variables.get("input", {})
    content = file_in(given.get("file"))
    if content is None:
        return await caller.ask(text, **variables)
    others = {name: value for name, value in given.items() if name != "file"}
    return {"data": {"sent": await caller.send_file(text, content, filename="file", **others)}}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
async def test_it_does_what_it_says(example: Example, market: Market, http: aiohttp.ClientSession) -> None:
    def acting(person: str | None) -> Caller:
        return market.demo(http, person) if person else Caller(http, market.urls["a"])

    async def ask(person: str | None, document: str, **variables: Any) -> dict[str, Any]:
        return await acting(person).ask(document, **variables)

    variables = await filled(example.variables, market.people, ask)
    if example.is_live:
        async with acting(example.person).socket() as socket:
            item = await (await socket.listen(example.text, **variables)).next()
        assert item["__typename"].endswith("Snapshot")
        return

    answer = await answered(acting(example.person), example.text, variables)

    assert "errors" not in answer, answer
    refusals = [
        refusal for root in answer["data"].values() if isinstance(root, dict) for refusal in root.get("errors", [])
    ]
    assert len(refusals) == (1 if example.refused else 0), refusals

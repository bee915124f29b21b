"""Names that a client might have meant: told where the schema is shown, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import Enum

import orjson
import pytest
import strawberry

from execution.mode import ExecutionMode
from transport.answer import Answer
from transport.asking import Asked
from transport.operations import Operations

SUGGESTION = "Did you mean"


@strawberry.enum
class Size(Enum):
    LARGE = "LARGE"


@strawberry.input
class Filter:
    city: str | None = None


@strawberry.type
class Query:
    @strawberry.field
    def count(self, size: Size | None = None, filter: Filter | None = None) -> int:
        return 0


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def counted(self, size: Size | None = None) -> AsyncIterator[int]:
        yield 0


MISSPELT = (
    Asked("{ cuont }"),
    Asked("{ count(size: LARG) }"),
    Asked("query($s: Size) { count(size: $s) }", {"s": "LARG"}),
    Asked("query($f: Filter) { count(filter: $f) }", {"f": {"citi": "Nairobi"}}),
    Asked("subscription($s: Size) { counted(size: $s) }", {"s": "LARG"}),
)


@pytest.mark.parametrize("suggests_names", [True, False])
@pytest.mark.parametrize("mode", [ExecutionMode.EAGER, ExecutionMode.REFERENCE])
@pytest.mark.parametrize("asked", MISSPELT, ids=lambda asked: asked.text)
async def test_a_misspelt_name_is_corrected_only_where_names_are_suggested(
    asked: Asked, mode: ExecutionMode, suggests_names: bool
) -> None:
    operations = Operations(
        strawberry.Schema(Query, subscription=Subscription), mode=mode, suggests_names=suggests_names
    )

    answer = await operations.open(asked, {})

    assert isinstance(answer, Answer)
    (error,) = orjson.loads(answer.body)["errors"]
    assert (SUGGESTION in error["message"]) is suggests_names

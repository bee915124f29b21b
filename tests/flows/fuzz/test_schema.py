"""Operations that are right by the schema, made from it by schemathesis, with values that nobody expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from tests.flows.fuzz.api import JSON, Api
from tests.flows.fuzz.rounds import rounds
from tests.flows.fuzz.tally import Tally

SDL: Final = Path("schema/schema.graphql")
TEXTS: Final = st.text(max_size=12)
SCALARS: Final = {
    "BigInt": st.integers(-(2**65), 2**65).map(str) | TEXTS,
    "DateTime": st.datetimes().map(lambda at: f"{at.isoformat()}Z") | TEXTS,
    "Decimal": st.decimals(allow_nan=True).map(str) | TEXTS,
    "JSON": TEXTS,
    "StreamCursor": TEXTS,
    "Upload": TEXTS,
}


def operations() -> list[Any]:
    """A strategy for each root field."""
    for name, texts in SCALARS.items():
        schemathesis.graphql.scalar(name, texts.map(nodes.String))
    schema = schemathesis.graphql.from_path(SDL)
    schema.config.update(base_url="http://127.0.0.1/graphql")
    return [result.ok().as_strategy() for result in schema.get_all_operations() if isinstance(result, Ok)]


def test_no_operation_of_the_schema_is_answered_by_a_fault(api: Api, tally: Tally) -> None:
    @rounds(0.1)
    @given(st.one_of(operations()))
    def send(case: Any) -> None:
        api.send(kind, json.dumps({"query": case.body}).encode("utf-8", "surrogatepass"), JSON)

    with tally.measured("operations of the schema", api.pid) as kind:
        send()
    assert kind.sent > 0

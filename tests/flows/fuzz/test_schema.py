"""Operations that are right by the schema, made from it by schemathesis, with values that nobody expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
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


# Whoever sends them can send nothing more.
LAST_WORDS: Final = frozenset({"Mutation.sessionRevoke", "Mutation.sessionRevokeAll"})


def operations(root: str) -> list[Any]:
    """A strategy for each field of a root type."""
    for name, texts in SCALARS.items():
        schemathesis.graphql.scalar(name, texts.map(nodes.String))
    schema = schemathesis.graphql.from_path(SDL)
    schema.config.update(base_url="http://127.0.0.1/graphql")
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return [one.as_strategy() for one in found if one.label.startswith(root) and one.label not in LAST_WORDS]


@pytest.mark.parametrize("root", ["Query", "Mutation"])
def test_no_operation_of_the_schema_is_answered_by_a_fault(api: Api, tally: Tally, root: str) -> None:
    """Staff asks, since more is shown to them; a person commands, since tests after this one need the market."""

    @rounds(0.05)
    @given(st.one_of(operations(f"{root}.")))
    def send(case: Any) -> None:
        body = json.dumps({"query": case.body}).encode("utf-8", "surrogatepass")
        api.send_as(api.staff_token if root == "Query" else api.token, kind, body, JSON)

    with tally.measured(f"operations of {root} by the schema", api.pid) as kind:
        send()
    assert kind.refused < kind.sent

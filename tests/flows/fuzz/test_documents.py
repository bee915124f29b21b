"""Documents of GraphQL and nearly of GraphQL, and the apps' own documents with any variables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from graphql import OperationDefinitionNode, OperationType, parse
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.fuzz.api import JSON, Api
from tests.flows.fuzz.rounds import rounds
from tests.flows.fuzz.tally import Tally
from tests.flows.fuzz.test_bodies import ANYTHING

DOCUMENTS: Final = [path.read_text() for path in sorted(Path("schema/documents").rglob("*.graphql"))]
TOKENS: Final = re.compile(r'"[^"]*"|\w+|\.\.\.|[^\s\w]')
LOOSE: Final = [
    *"{}()[]:=!|&@$",
    *("...", "on", "fragment F on Query", "query", "mutation", "subscription", "true", "null", "1", "-1.5e9", '"', "0"),
    *('"""', '"\\u0000"', "__typename", "__schema", "__type", "viewer", "id", "...F", "@include(if: true)", "$x", "#"),
    *("listings(first: 1)", "nodes", "é", "\ufeff", "{ viewer { id } }", "9" * 400, "@skip(if: $x)", "type", "extend"),
]
SCALARS: Final = st.sampled_from(
    ["", "0", "-1", "1.00", "1e400", "NaN", "2026-13-01T00:00:00Z", "9" * 40, "usr_00000000000000000000000001", "KES"]
)
GIVEN: Final = ANYTHING | SCALARS | st.integers(-(2**70), 2**70)


def is_called(text: str) -> bool:
    definitions = parse(text).definitions
    return any(isinstance(one, OperationDefinitionNode) for one in definitions) and not any(
        isinstance(one, OperationDefinitionNode) and one.operation is OperationType.SUBSCRIPTION for one in definitions
    )


CALLED: Final = [text for text in DOCUMENTS if is_called(text)]


def changed(tokens: list[str], changes: list[tuple[int, int, str]]) -> str:
    """A text in which tokens were left out, moved, doubled and put in."""
    for at, other, token in changes:
        here = at % (len(tokens) + 1)
        match other % 4:
            case 0:
                del tokens[here : here + 1 + other % 3]
            case 1:
                tokens.insert(here, token)
            case 2:
                tokens[here:here] = tokens[: other % 40]
            case _:
                tokens[here : here + 1] = [token]
    return " ".join(tokens)


CHANGES: Final = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 2000), st.sampled_from(LOOSE)), min_size=1, max_size=6
)
NEARLY: Final = st.builds(changed, st.sampled_from(DOCUMENTS).map(TOKENS.findall), CHANGES)
SOUP: Final = st.lists(st.sampled_from(LOOSE), max_size=60).map(" ".join)
REPEATED: Final = st.builds(
    lambda piece, times: piece * times,
    st.sampled_from(
        ["{ viewer ", "{ a: viewer { id } ", "[", '"""', "@a ", "fragment F on Query { ...F } ", "query { "]
    ),
    st.integers(1, 3000),
)


def variables_of(text: str) -> st.SearchStrategy[dict[str, Any]]:
    """A value for each variable that a document declares: of its type now and then, and of any other."""
    names = sorted(set(re.findall(r"\$(\w+)\s*:", text)))
    inputs = st.dictionaries(
        st.sampled_from(["id", "amount", "asset", "title", "city", "first", "after", "filter", "reason", "price"]),
        GIVEN,
        max_size=5,
    )
    return st.fixed_dictionaries({}, optional={name: GIVEN | inputs for name in names})


def test_no_document_is_answered_by_a_fault(api: Api, tally: Tally) -> None:
    @rounds(0.2)
    @given(NEARLY | SOUP | REPEATED | st.text(max_size=100), st.dictionaries(st.just("x"), ANYTHING))
    def send(text: str, variables: dict[str, Any]) -> None:
        body = json.dumps({"query": text, "variables": variables}).encode("utf-8", "surrogatepass")
        api.send(kind, body, JSON)

    with tally.measured("documents", api.pid) as kind:
        send()
    assert kind.refused > kind.sent / 2


def test_no_variable_is_answered_by_a_fault(api: Api, tally: Tally) -> None:
    called = st.sampled_from(CALLED).flatmap(lambda text: st.tuples(st.just(text), variables_of(text)))

    @rounds(0.15)
    @given(called)
    def send(asked: tuple[str, dict[str, Any]]) -> None:
        text, variables = asked
        body = json.dumps({"query": text, "variables": variables}).encode("utf-8", "surrogatepass")
        api.send(kind, body, JSON)

    with tally.measured("variables", api.pid) as kind:
        send()
    assert kind.sent > 0

"""Requests with files, as they are and as they should not be."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.fuzz.api import Api
from tests.flows.fuzz.rounds import rounds
from tests.flows.fuzz.tally import Tally
from tests.flows.fuzz.test_bodies import ANYTHING, REQUEST
from tests.transport.forms import BOUNDARY, HEADERS, Form

STEPS: Final = st.sampled_from(["variables", "f", "list", "0", "1", "-1", "99999999999", "", "query", "a", "٣"])
PATHS: Final = st.lists(STEPS, min_size=1, max_size=4).map(".".join)
MAP: Final = st.dictionaries(st.sampled_from(["0", "1", "x"]), st.lists(PATHS, max_size=3) | ANYTHING, max_size=3)
VARIABLES: Final = st.fixed_dictionaries(
    {}, optional={"f": st.none() | ANYTHING, "list": st.just([None]), "a": ANYTHING}
)
DOCUMENTS: Final = st.sampled_from(
    [
        "{ __typename }",
        "query($f: ID!) { node(id: $f) { id } }",
        "query($list: [ID!]!) { nodes(ids: $list) { id } }",
        "query { __typename }",
        "mutation($f: Upload!) { __typename }",
        'mutation($f: Upload!) { paymentProofSubmit(input: {paymentId: "x", file: $f}) { errors { message } } }',
    ]
)
OPERATIONS: Final = st.fixed_dictionaries({"query": DOCUMENTS, "variables": VARIABLES}) | REQUEST | ANYTHING
PART: Final = st.one_of(
    st.tuples(st.just("json"), st.sampled_from(["operations", "map", "0"]), OPERATIONS | MAP | ANYTHING),
    st.tuples(st.just("file"), st.sampled_from(["0", "1", "x", "operations", ""]), st.binary(max_size=300)),
    st.tuples(st.just("raw"), st.just(""), st.binary(max_size=60)),
)
USUAL: Final = st.tuples(
    st.tuples(st.just("json"), st.just("operations"), OPERATIONS),
    st.tuples(st.just("json"), st.just("map"), MAP | st.just({"0": ["variables.f"]})),
    st.tuples(st.just("file"), st.just("0"), st.binary(max_size=300)),
).map(list)
AS_IT_SHOULD_BE: Final = st.binary(max_size=300).map(
    lambda content: [
        ("json", "operations", {"query": "{ __typename }", "variables": {"f": None}}),
        ("json", "map", {"0": ["variables.f"]}),
        ("file", "0", content),
    ]
)
CUT: Final = st.sampled_from([1.0] * 3) | st.floats(0, 1)
FLIPPED: Final = st.sampled_from([(0.0, b"")]) | st.tuples(st.floats(0, 1), st.binary(max_size=4))
MORE: Final = st.builds(lambda usual, more: usual + more, USUAL, st.lists(PART))
PARTS: Final = AS_IT_SHOULD_BE | USUAL | st.lists(PART, max_size=6) | MORE
CONTENT_TYPES: Final = st.sampled_from(
    [HEADERS["Content-Type"]] * 9
    + [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f'multipart/form-data; boundary="{BOUNDARY}"; charset=x',
        'multipart/form-data; boundary="',
    ]
)


def form_of(parts: list[tuple[str, str, Any]]) -> bytes:
    form = Form()
    for kind, name, value in parts:
        if kind == "json":
            form.json(name, value)
        elif kind == "file":
            form.file(name, value)
        else:
            form.parts.append(value)
    return form.body()


def test_no_form_is_answered_by_a_fault(api: Api, tally: Tally) -> None:
    @rounds(0.2)
    @given(PARTS, CONTENT_TYPES, CUT, FLIPPED)
    def send(parts: list[Any], media: str, cut: float, flipped: tuple[float, bytes]) -> None:
        body = form_of(parts)
        body = body[: int(len(body) * cut)]
        at = int(len(body) * flipped[0])
        body = body[:at] + flipped[1] + body[at + len(flipped[1]) :]
        api.send(kind, body, {**HEADERS, "Content-Type": media})

    with tally.measured("forms", api.pid) as kind:
        send()
    assert 0 < kind.refused < kind.sent

"""Bodies of every kind."""

from __future__ import annotations

import json
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.fuzz.api import JSON, Api
from tests.flows.fuzz.rounds import rounds
from tests.flows.fuzz.tally import Tally

ANYTHING: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
QUERY: Final = st.sampled_from(
    ["{ __typename }", "{ viewer { id } }", "query A { viewer { id } }", "mutation { x }", "{", ""]
)
MEMBERS: Final = {
    "query": QUERY | ANYTHING,
    "variables": st.none() | st.dictionaries(st.text(max_size=5), ANYTHING, max_size=3) | ANYTHING,
    "operationName": st.none() | st.sampled_from(["A", ""]) | ANYTHING,
    "extensions": st.fixed_dictionaries({}, optional={"persistedQuery": ANYTHING, "documentId": ANYTHING}) | ANYTHING,
    "documentId": st.sampled_from(["sha256:", "sha256:" + "0" * 64]) | ANYTHING,
    "id": ANYTHING,
}
REQUEST: Final = st.fixed_dictionaries({}, optional=MEMBERS)
ENCODED: Final = st.builds(
    lambda value, encoding: json.dumps(value).encode(encoding, "surrogatepass"),
    REQUEST | ANYTHING | st.lists(REQUEST, max_size=3),
    st.sampled_from(["utf-8"] * 8 + ["utf-16", "utf-32", "utf-8-sig"]),
)
NESTED: Final = st.builds(
    lambda opening, levels, before: before + opening * levels,
    st.sampled_from([b"[", b'{"a":', b'{"query":"{number}","variables":{"a":', b"(", b"\xff"]),
    st.integers(0, 20_000),
    st.sampled_from([b"", b'{"query":', b'{"variables":{"a":']),
)
CUT: Final = st.builds(lambda body, at: body[: int(len(body) * at)], ENCODED, st.floats(0, 1))
BODY: Final = ENCODED | CUT | NESTED | st.binary(max_size=200)
MEDIA: Final = st.sampled_from(
    ["application/json"] * 12
    + ["application/json; charset=utf-8", "application/graphql", "text/plain", "", "application/x-www-form-urlencoded"]
) | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
ACCEPT: Final = st.sampled_from(
    ["*/*", "application/json", "application/graphql-response+json", "text/html"]
) | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30).filter(
    lambda accept: "text/" not in accept
)


def test_no_body_is_answered_by_a_fault(api: Api, tally: Tally) -> None:
    @rounds(0.25)
    @given(BODY, MEDIA, ACCEPT, st.booleans())
    def send(body: bytes, media: str, accept: str, is_signed_in: bool) -> None:
        headers = {**JSON, "Content-Type": media, "Accept": accept}
        api.send_as(api.token if is_signed_in else None, kind, body, headers)

    with tally.measured("bodies", api.pid) as kind:
        send()
    assert kind.refused > kind.sent / 2

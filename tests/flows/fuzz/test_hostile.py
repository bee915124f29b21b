"""The worst that is known: each is refused in typed words, and what it cost is in the table of a long run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

import pytest
from websockets.frames import Frame, Opcode

from tests.flows.fuzz.api import JSON, Api
from tests.flows.fuzz.rounds import IS_LONG
from tests.flows.fuzz.tally import Tally, one_more
from tests.flows.fuzz.test_frames import ending
from tests.transport.forms import BOUNDARY, HEADERS, Form

TIMES: Final = 20 if IS_LONG else 1
BODY_BYTES_MAX: Final = 1024 * 1024
FRAME_BYTES_MAX: Final = 64 * 1024


def doubling(levels: int) -> str:
    """Fragments that spread the next one twice each: short to write, and without end to write out."""
    spread = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return f"{{ ...F0 }} {spread} fragment F{levels} on Query {{ __typename }}"


def aliases(count: int) -> str:
    return "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(count)) + " }"


def crossing(count: int) -> str:
    """Pairs of fields that have to be compared with each other."""
    return "{ " + " ".join(f"viewer {{ a: id a: id b{n}: id }}" for n in range(count)) + " }"


DOCUMENTS: Final = {
    "fragments that double": doubling(20),
    "fragments in a ring": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "10 000 equal fields": "{ " + "__typename " * 10_000 + "}",
    "1 000 equal fields": "{ " + "__typename " * 1_000 + "}",
    "1 000 aliases": aliases(1_000),
    "200 fields that are compared": crossing(180),
    "3 000 braces": "{ viewer " * 3_000,
    "20 000 braces": "{" * 20_000,
    "lists in lists": "{ node(id: " + "[" * 900 + "]" * 900 + ") { id } }",
    "objects in objects": "{ node(id: " + "{a:" * 600 + "1" + "}" * 600 + ") { id } }",
    "types of lists": "query($a: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }",
    "1 000 directives": "{ __typename " + "@include(if: true) " * 300 + "}",
    "400 unknown fields": "{ " + " ".join(f"unknown{n}" for n in range(400)) + " }",
    "400 unknown variables": "{ " + " ".join(f"a{n}: node(id: $v{n}) {{ id }}" for n in range(100)) + " }",
    "a number of 5 000 digits": "{ listings(first: " + "9" * 5_000 + ") { nodes { id } } }",
    "a number of 5 000 digits for an id": "{ node(id: " + "9" * 5_000 + ") { id } }",
    "an exponent without end": "query { listings(first: 1e99999) { nodes { id } } }",
    "a block of quotes": '{ node(id: """' + '\\"""' * 3_000 + '""") { id } }',
    "a string without end": '{ node(id: "' + "x" * 14_000,
    "lone surrogates": '{ node(id: "\\uD800") { id } }',
    "a query about the schema in itself": "{ __schema { types { "
    + "fields { type { " * 8
    + "name"
    + " } }" * 8
    + " } } }",
    "pages in pages": "query($n: Int) { listings(first: $n) { nodes { seller { id } category { id } } } }",
    "15 000 characters and one": "#" * 15_001,
}
VARIABLES: Final = {
    "900 levels": '{"query":"query($a: ID!) { node(id: $a) { id } }","variables":{"a":' + "[" * 900 + "]" * 900 + "}}",
    "100 000 variables": json.dumps({"query": "{ __typename }{", "variables": {f"v{n}": n for n in range(60_000)}}),
    "a mebibyte of one string": json.dumps(
        {"query": "query($a: Int) { listings(first: $a) { nodes { id } } }", "variables": {"a": "x" * 1_000_000}}
    ),
    "60 000 ids": json.dumps(
        {"query": "query($a: [ID!]!) { nodes(ids: $a) { id } }", "variables": {"a": ["usr_1"] * 60_000}}
    ),
    "60 000 ids of no form": json.dumps(
        {"query": "query($a: [ID!]!) { nodes(ids: $a) { id } }", "variables": {"a": [{}] * 60_000}}
    ),
    "a number beyond all": json.dumps(
        {"query": "query($a: Int) { listings(first: $a) { nodes { id } } }", "variables": {"a": 10**300}}
    ),
    "20 000 brackets": "[" * 20_000,
    "a mebibyte of brackets": "[" * BODY_BYTES_MAX,
    "a mebibyte and one byte": "x" * (BODY_BYTES_MAX + 1),
    "batches": json.dumps([{"query": "{ __typename }"}] * 1_000),
}
NULL: Final = {"query": "{ __typename }", "variables": {"f": None}}
ONE: Final = {"0": ["variables.f"]}
PART: Final = f"--{BOUNDARY}\r\n".encode()


def with_map(paths: object) -> bytes:
    return Form().json("operations", NULL).json("map", paths).body()


def with_file(content: bytes) -> bytes:
    return Form().json("operations", NULL).json("map", ONE).file("0", content).body()


FORMS: Final[dict[str, Callable[[], bytes]]] = {
    "a file above 10 MiB": lambda: with_file(b"x" * (10 * 2**20 + 1)),
    "a map of 10 000 files": lambda: with_map({str(n): ["variables.f"] for n in range(10_000)}),
    "10 000 paths": lambda: with_map({"0": ["variables.f"] * 10_000}),
    "a path of 100 000 steps": lambda: with_map({"0": ["variables" + ".f" * 100_000]}),
    "10 000 parts": lambda: (PART + b"Content-Disposition: form-data; name=a\r\n\r\n\r\n") * 10_000,
    "a mebibyte of carriage returns": lambda: PART + b"\r" * 2**20,
    "a mebibyte that begins boundaries": lambda: with_file(f"\r\n--{BOUNDARY[:-1]}".encode() * 80_000)[:-3],
    "a mebibyte before the first boundary": lambda: b"x" * 2**20,
    "operations nested without end": lambda: Form().text("operations", "[" * 1_000_000).body(),
}
INIT: Final = '{"type":"connection_init"}'
FRAMES: Final = {
    "20 000 brackets": ["[" * 20_000],
    "64 KiB of brackets": ["[" * FRAME_BYTES_MAX],
    "64 KiB and one byte": ["x" * (FRAME_BYTES_MAX + 1)],
    "a ping nested 20 000 deep": ['{"type":"ping","payload":{"a":' + "[" * 20_000 + "]" * 20_000 + "}}"],
    "1 000 messages of no kind": [INIT, *['{"type":"x"}'] * 1_000],
    "1 000 operations that are none": [
        INIT,
        *(json.dumps({"type": "subscribe", "id": str(n), "payload": {"query": "{"}}) for n in range(1_000)),
        "end",
    ],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused(api: Api, tally: Tally, name: str) -> None:
    body = json.dumps({"query": DOCUMENTS[name], "variables": {"n": 10**15}}).encode()
    with tally.measured(f"document: {name}", api.pid) as kind:
        for _ in range(TIMES):
            api.send(kind, body, JSON)
    assert kind.refused == TIMES


@pytest.mark.parametrize("name", VARIABLES)
def test_a_hostile_body_is_refused(api: Api, tally: Tally, name: str) -> None:
    with tally.measured(f"body: {name}", api.pid) as kind:
        for _ in range(TIMES):
            api.send(kind, VARIABLES[name].encode(), JSON)
    assert kind.refused == TIMES


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_is_refused(api: Api, tally: Tally, name: str) -> None:
    body = FORMS[name]()
    with tally.measured(f"form: {name}", api.pid) as kind:
        for _ in range(TIMES):
            api.send(kind, body, HEADERS)
    assert kind.refused == TIMES


@pytest.mark.parametrize("name", FRAMES)
def test_hostile_messages_close_their_socket(api: Api, tally: Tally, name: str) -> None:
    sent = b"".join(Frame(Opcode.TEXT, text.encode()).serialize(mask=True) for text in FRAMES[name])
    with tally.measured(f"socket: {name}", api.pid) as kind:
        for _ in range(TIMES):
            with one_more(kind):
                _, code, reason = ending(api, sent)
            assert code in (1009, 4400)
            assert reason
            kind.refused += 1

"""Files as variables, in both executions: what resolvers get, and what happens to forms that are not as specified."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig

from execution.mode import ExecutionMode
from tests.transport.doors import OpenDoor
from tests.transport.forms import HEADERS, Form, upload
from tests.transport.serving import served
from transport import body
from transport.endpoint import Endpoint
from transport.files import MEMORY_BYTES_MAX, UploadedFile
from transport.operations import Operations
from transport.uploads import UploadLimits
from transport.waiting import TimeLimit

ONE = "mutation($file: Upload!) { put(file: $file) { filename contentType size text } }"
TWO = "mutation($a: Upload!, $b: Upload!) { both(a: $a, b: $b) }"
MANY = "mutation($files: [Upload!]!) { many(files: $files) }"
INPUT = "mutation($input: PutInput!) { putInput(input: $input) }"
PATH = {"0": ["variables.file"]}
LIMITS = UploadLimits(file_bytes_max=3 * MEMORY_BYTES_MAX, files_max=3, paths_max=5, text_bytes_max=4096)


def file_of(given: object) -> UploadedFile:
    assert isinstance(given, UploadedFile)
    return given


@strawberry.type
class Put:
    filename: str | None
    content_type: str
    size: int
    text: str


@strawberry.input
class PutInput:
    files: list[Upload]
    cover: Upload | None = None


@strawberry.type
class Query:
    number: int = 7


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def put(self, file: Upload) -> Put:
        given = file_of(file)
        text = (await given.read()).decode("latin-1")
        return Put(filename=given.filename, content_type=given.content_type, size=given.size, text=text[:20])

    @strawberry.mutation
    async def both(self, a: Upload, b: Upload) -> list[str]:
        return [(await file_of(one).read()).decode() for one in (a, b)]

    @strawberry.mutation
    async def many(self, files: list[Upload]) -> list[int]:
        return [len(await file_of(one).read()) for one in files]

    @strawberry.mutation
    async def put_input(self, input: PutInput) -> list[int]:
        files = [*input.files, *([input.cover] if input.cover else [])]
        return [len(await file_of(one).read()) for one in files]

    @strawberry.mutation
    async def echo(self, text: str) -> str:
        return text


@pytest.fixture(scope="module", params=[ExecutionMode.EAGER, ExecutionMode.REFERENCE], ids=["compiled", "reference"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    schema = strawberry.Schema(Query, Mutation, config=StrawberryConfig())
    operations = Operations(schema, mode=request.param)
    application = Endpoint(operations, surroundings=OpenDoor(), upload_limits=LIMITS)
    async with served(uvicorn.Config(application, log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def send(
    http: aiohttp.ClientSession, url: str, form: Form | bytes, headers: dict[str, str] = HEADERS
) -> tuple[int, Any]:
    body = form.body() if isinstance(form, Form) else form
    async with http.post(url, data=body, headers=headers) as response:
        return response.status, await response.json()


def open_temporary_files() -> int:
    """Files without a name that this process, which is the server's as well, holds open."""
    links = [Path(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd")]
    return sum(1 for link in links if link.is_symlink() and "(deleted)" in str(os.readlink(link)))


async def test_a_file_arrives_with_its_name_size_and_what_it_is(http: aiohttp.ClientSession, url: str) -> None:
    form = Form().json("operations", {"query": ONE, "variables": {"file": None}}).json("map", PATH)
    form.file("0", b"%PDF-1.7\n%\xe2\xe3", filename="C:\\\\docs\\\\../proof.pdf", content_type="image/png")

    status, answer = await send(http, url, form)

    assert status == 200
    assert answer["data"]["put"] == {
        "filename": "proof.pdf",
        "contentType": "application/pdf",
        "size": 12,
        "text": "%PDF-1.7\n%\xe2\xe3",
    }


@pytest.mark.parametrize("size", [3, MEMORY_BYTES_MAX + 1, LIMITS.file_bytes_max])
async def test_one_file_in_two_variables_is_read_twice_and_nothing_of_it_is_left(
    http: aiohttp.ClientSession, url: str, size: int
) -> None:
    before = open_temporary_files()
    form = upload(TWO, {"a": None, "b": None}, {"x": ["variables.a", "variables.b"]}, x=b"z" * size)

    status, answer = await send(http, url, form)

    assert status == 200
    assert [len(text) for text in answer["data"]["both"]] == [size, size]
    assert open_temporary_files() == before


async def test_files_stand_in_lists_and_input_objects(http: aiohttp.ClientSession, url: str) -> None:
    listed = upload(MANY, {"files": [None, None]}, {"a": ["variables.files.0"], "b": ["variables.files.1"]}, a=b"1")
    variables = {"input": {"files": [None], "cover": None}}
    nested = upload(INPUT, variables, {"a": ["variables.input.files.0", "variables.input.cover"]}, a=b"333")

    assert await send(http, url, listed.file("b", b"22")) == (200, {"data": {"many": [1, 2]}})
    assert await send(http, url, nested) == (200, {"data": {"putInput": [3, 3]}})


async def test_a_form_without_files_is_an_operation_as_any_other(http: aiohttp.ClientSession, url: str) -> None:
    assert await send(http, url, upload("{ __typename }", None, {})) == (200, {"data": {"__typename": "Query"}})


def operations_of(variables: Any = None) -> dict[str, Any]:
    return {"query": ONE, "variables": {"file": None} if variables is None else variables}


FAULTY: dict[str, Form | bytes] = {
    "nothing": b"",
    "no form": b"{}",
    "no parts": Form(),
    "no map": Form().json("operations", operations_of()),
    "no operations": Form().json("map", PATH).file("0", b"x"),
    "map before operations": Form().json("map", PATH).json("operations", operations_of()).file("0", b"x"),
    "file before map": Form().json("operations", operations_of()).file("0", b"x").json("map", PATH),
    "operations twice": Form().json("operations", operations_of()).json("operations", operations_of()).json("map", {}),
    "map twice": Form().json("operations", operations_of()).json("map", PATH).json("map", PATH).file("0", b"x"),
    "operations null": Form().json("operations", None).json("map", PATH).file("0", b"x"),
    "operations a number": Form().json("operations", 5).json("map", PATH).file("0", b"x"),
    "operations a list": Form().json("operations", [operations_of()]).json("map", {"0": ["0.variables.file"]}),
    "operations no JSON": Form().text("operations", "{").json("map", PATH).file("0", b"x"),
    "operations nested": Form().text("operations", '{"a":' + "[" * 4000).json("map", PATH).file("0", b"x"),
    "operations without a query": Form().json("operations", {"variables": {"file": None}}).json("map", PATH),
    "map null": Form().json("operations", operations_of()).json("map", None),
    "map a list": Form().json("operations", operations_of()).json("map", ["variables.file"]),
    "map of texts": Form().json("operations", operations_of()).json("map", {"0": "variables.file"}),
    "map of nothing": Form().json("operations", operations_of()).json("map", {"0": []}),
    "map of numbers": Form().json("operations", operations_of()).json("map", {"0": [1]}),
    "map no JSON": Form().json("operations", operations_of()).text("map", "variables.file"),
    "no such variable": upload(ONE, {}, PATH, **{"0": b"x"}),
    "no variables": upload(ONE, None, PATH, **{"0": b"x"}),
    "variables a list": upload(ONE, [None], {"0": ["variables.0"]}, **{"0": b"x"}),
    "path of nothing": upload(ONE, {"file": None}, {"0": [""]}, **{"0": b"x"}),
    "path to the query": upload(ONE, {"file": None}, {"0": ["query"]}, **{"0": b"x"}),
    "path to the variables": upload(ONE, {"file": None}, {"0": ["variables"]}, **{"0": b"x"}),
    "path through nothing": upload(ONE, {"file": None}, {"0": ["variables.file.a.b"]}, **{"0": b"x"}),
    "path to a value": upload(ONE, {"file": "there"}, PATH, **{"0": b"x"}),
    "two files at one path": upload(ONE, {"file": None}, {"a": PATH["0"], "b": PATH["0"]}, a=b"x", b=b"y"),
    "index out of range": upload(MANY, {"files": [None]}, {"0": ["variables.files.1"]}, **{"0": b"x"}),
    "index below zero": upload(MANY, {"files": [None]}, {"0": ["variables.files.-1"]}, **{"0": b"x"}),
    "index in other digits": upload(MANY, {"files": [None]}, {"0": ["variables.files.٠"]}, **{"0": b"x"}),
    "index without end": upload(MANY, {"files": [None]}, {"0": ["variables.files." + "0" * 400]}, **{"0": b"x"}),
    "index of another name": upload(MANY, {"files": [None]}, {"0": ["variables.files.length"]}, **{"0": b"x"}),
    "a file too few": upload(MANY, {"files": [None, None]}, {"a": ["variables.files.0"], "b": ["variables.files.1"]}),
    "a file too many": upload(ONE, {"file": None}, PATH, **{"0": b"x", "1": b"y"}),
    "a file twice": upload(ONE, {"file": None}, PATH, **{"0": b"x"}).file("0", b"y"),
    "more paths than allowed": upload(MANY, {"files": [None] * 6}, {"0": [f"variables.files.{n}" for n in range(6)]}),
    "cut in a file": upload(ONE, {"file": None}, PATH, **{"0": b"x" * 90}).body()[:-60],
    "cut in a header": upload(ONE, {"file": None}, PATH, **{"0": b"x" * 90}).body()[:40],
    "cut before its end": upload(ONE, {"file": None}, PATH, **{"0": b"x"}).body()[:-6],
    "another boundary": upload(ONE, {"file": None}, PATH, **{"0": b"x"}).body().replace(b"a-boundary", b"b-boundary"),
    "a header too long": Form([b"--a-boundary\r\nX: " + b"y" * 5000 + b"\r\n\r\n\r\n"]),
    "too many headers": Form([b"--a-boundary\r\n" + b"X: y\r\n" * 50 + b"\r\n\r\n"]),
    "a header that is none": Form([b"--a-boundary\r\n\xff\xfe\r\n\r\n\r\n"]),
    "a part without a name": Form([b"--a-boundary\r\nContent-Disposition: form-data\r\n\r\nx\r\n"]),
    "a part of another kind": Form([b"--a-boundary\r\nContent-Disposition: attachment; name=map\r\n\r\nx\r\n"]),
}


@pytest.mark.parametrize("form", FAULTY.values(), ids=FAULTY.keys())
async def test_a_faulty_form_is_a_bad_request(http: aiohttp.ClientSession, url: str, form: Form | bytes) -> None:
    status, answer = await send(http, url, form)

    assert status == 400, answer
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "Error" not in error["message"]
    assert "'" not in error["message"]


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        f"multipart/form-data; boundary={'b' * 71}",
        "multipart/form-data; boundary=\xe9",
    ],
)
async def test_a_form_without_a_sane_boundary_is_a_bad_request(
    http: aiohttp.ClientSession, url: str, content_type: str
) -> None:
    form = upload(ONE, {"file": None}, PATH, **{"0": b"x"})

    status, answer = await send(http, url, form, {**HEADERS, "Content-Type": content_type})

    assert (status, answer["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})


async def test_what_is_too_much_is_refused_and_nothing_of_it_is_left(http: aiohttp.ClientSession, url: str) -> None:
    before = open_temporary_files()
    long = upload(ONE, {"file": None}, PATH, **{"0": b"x" * (LIMITS.file_bytes_max + 1)})
    many = upload(MANY, {"files": [None] * 4}, {str(n): [f"variables.files.{n}"] for n in range(4)})
    wordy = Form().json("operations", {"query": "#" * LIMITS.text_bytes_max}).json("map", {})

    for form in (long, many, wordy):
        status, answer = await send(http, url, form)
        assert (status, answer["errors"][0]["extensions"]["code"]) == (413, "PAYLOAD_TOO_LARGE")

    assert open_temporary_files() == before


@pytest.mark.parametrize("header", ["Apollo-Require-Preflight", "X-Requested-With", "GraphQL-Require-Preflight"])
async def test_a_form_needs_a_header_that_foreign_pages_cannot_send(
    http: aiohttp.ClientSession, url: str, header: str
) -> None:
    form = upload("{ __typename }", None, {})
    plain = {"Content-Type": HEADERS["Content-Type"]}

    refused, told = await send(http, url, form, plain)
    served, _ = await send(http, url, form, {**plain, header: "true"})

    assert (refused, told["errors"][0]["extensions"]["code"]) == (403, "CSRF_PREVENTED")
    assert served == 200


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (ONE, {"file": "a text"}),
        (ONE, {"file": 5}),
        (ONE, {"file": {"a": 1}}),
        (MANY, {"files": ["a text"]}),
        (INPUT, {"input": {"files": [], "cover": True}}),
        ('mutation { put(file: "a text") { size } }', {}),
        ("mutation { put(file: {a: 1}) { size } }", {}),
    ],
)
async def test_what_is_no_file_is_no_upload(
    http: aiohttp.ClientSession, url: str, query: str, variables: dict[str, Any]
) -> None:
    headers = {"Accept": "application/graphql-response+json"}
    async with http.post(url, json={"query": query, "variables": variables}, headers=headers) as response:
        answer = json.loads(await response.text())

    assert response.status == 400, answer
    assert "An Upload is a file of a multipart request." in answer["errors"][0]["message"]
    assert "data" not in answer


async def test_a_file_is_no_text(http: aiohttp.ClientSession, url: str) -> None:
    form = upload("mutation($t: String!) { echo(text: $t) }", {"t": None}, {"0": ["variables.t"]}, **{"0": b"x"})

    status, answer = await send(http, url, form, {**HEADERS, "Accept": "application/graphql-response+json"})

    assert status == 400
    assert answer["errors"][0]["message"].startswith("Variable '$t' has invalid value")


async def test_a_form_that_does_not_go_on_is_given_up(
    http: aiohttp.ClientSession, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "SILENCE", TimeLimit(0.1))

    async def halting() -> AsyncIterator[bytes]:
        yield upload(ONE, {"file": None}, PATH, **{"0": b"x" * 90}).body()[:-60]
        await asyncio.sleep(5)

    async with http.post(url, data=halting(), headers=HEADERS) as response:
        answer = await response.json()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (408, "TIMEOUT")

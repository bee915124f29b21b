"""What browsers ask before they send something across origins."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.asgi import Door

ORIGIN = "https://shop.example"


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError(scope)


async def preflight(*, origin: str, headers: str) -> tuple[int, dict[bytes, bytes]]:
    given = {"origin": origin, "access-control-request-method": "POST", "access-control-request-headers": headers}
    scope: dict[str, Any] = {
        "type": "http",
        "method": "OPTIONS",
        "path": "/graphql",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        told.append(message)

    await Door(nothing, allowed_origins=[ORIGIN], body_bytes_max=10)(scope, receive, send)
    return told[0]["status"], dict(told[0]["headers"])


async def test_a_stream_may_be_opened_and_resumed_from_an_allowed_origin() -> None:
    status, headers = await preflight(origin=ORIGIN, headers="authorization,content-type,last-event-id")

    assert status == 200
    assert headers[b"access-control-allow-origin"] == ORIGIN.encode()


@pytest.mark.parametrize("header", ["apollo-require-preflight", "x-requested-with", "graphql-require-preflight"])
async def test_a_form_with_files_may_be_sent_from_an_allowed_origin(header: str) -> None:
    status, _ = await preflight(origin=ORIGIN, headers=f"authorization,content-type,{header}")

    assert status == 200


async def test_another_origin_is_refused() -> None:
    status, headers = await preflight(origin="https://evil.example", headers="authorization,content-type")

    assert status == 400
    assert b"access-control-allow-origin" not in headers


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example"])
async def test_what_is_asked_before_is_answered_with_the_headers_of_all_answers(origin: str) -> None:
    _, headers = await preflight(origin=origin, headers="authorization,content-type")

    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"content-security-policy"] == b"default-src 'none'; frame-ancestors 'none'"
    assert headers[b"x-request-id"].startswith(b"req_")


async def test_a_body_that_is_too_large_is_refused_in_words_that_an_allowed_origin_can_read() -> None:
    told: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "headers": [(b"origin", ORIGIN.encode()), (b"content-length", b"11")],
    }

    async def receive() -> Message:
        raise AssertionError("the length says enough")

    async def send(message: Message) -> None:
        told.append(message)

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    door = Door(nothing, allowed_origins=[ORIGIN], body_bytes_max=10)
    door.endpoint = reading  # type: ignore[assignment]  # stands for an endpoint that reads its request
    await door(scope, receive, send)

    headers = dict(told[0]["headers"])
    assert (told[0]["status"], headers[b"access-control-allow-origin"]) == (413, ORIGIN.encode())
    assert b"PAYLOAD_TOO_LARGE" in told[1]["body"]

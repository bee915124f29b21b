"""The operations of one socket: they begin, fail and end each by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.realtime.notes import until
from tests.transport.sockets import Counting, Talk, door, server, talk, url

__all__ = ["door", "server", "talk", "url"]

FOREVER = "subscription { forever }"


async def test_queries_and_mutations_are_answered_and_complete(door: Counting, talk: Talk) -> None:
    await talk.greet()

    assert await talk.answer("a", "{ number }") == {"data": {"number": 7}}
    assert await talk.answer("a", "mutation { do(number: 3) }") == {"data": {"do": 3}}
    given = {"variables": {"t": "hi"}, "operationName": "B", "extensions": {"anything": 1}}
    two = "query A { number } query B($t: String!) { echo(text: $t) }"
    assert await talk.answer("a", two, **given) == {"data": {"echo": "hi"}}
    assert door.done == [3]


@pytest.mark.parametrize(
    ("query", "payload"),
    [
        ("", {}),
        ("{", {}),
        ("{ nothing }", {}),
        ("{ number } }", {}),
        ("{ number { a } }", {}),
        ("fragment F on Query { number }", {}),
        ("query A { number } query B { number }", {}),
        ("query A { number }", {"operationName": "C"}),
        ("query A { number }", {"operationName": ""}),
        ("query($t: String!) { echo(text: $t) }", {}),
        ("query($t: String!) { echo(text: $t) }", {"variables": {"t": 5}}),
        ("query($t: String!) { echo(text: $t) }", {"variables": {"t": [["x"]]}}),
        ("{ " + "number { " * 3000, {}),
        ("{ number " * 200, {}),
    ],
)
async def test_an_operation_that_cannot_run_ends_with_an_error_and_leaves_the_others_alone(
    door: Counting, talk: Talk, query: str, payload: dict[str, Any]
) -> None:
    await talk.greet()
    await talk.ask("other", FOREVER)
    assert (await talk.hear())["id"] == "other"

    await talk.ask("a", query, **payload)
    told = await talk.hear()

    assert (told["id"], told["type"]) == ("a", "error")
    assert [type(error["message"]) for error in told["payload"]] == [str] * len(told["payload"])
    assert not any("Traceback" in error["message"] or "recursion" in error["message"] for error in told["payload"])
    assert (await talk.answer("a", "{ number }"))["data"] == {"number": 7}
    assert door.streams == 1


async def test_an_id_in_use_closes_4409(door: Counting, talk: Talk) -> None:
    await talk.greet()
    await talk.ask("a", FOREVER)
    await talk.hear()

    await talk.ask("a", "mutation { do(number: 1) }")

    assert await talk.closed() == (4409, "Subscriber for a already exists")
    assert door.done == []
    await until(lambda: door.streams == 0)


async def test_a_long_id_in_use_is_told_as_far_as_a_reason_goes(talk: Talk) -> None:
    await talk.greet()
    id = "é" * 200
    await talk.ask(id, FOREVER)
    assert (await talk.hear())["id"] == id

    await talk.ask(id, FOREVER)

    code, reason = await talk.closed()
    assert code == 4409
    assert len(reason.encode()) <= 123


async def test_complete_ends_an_operation_and_frees_its_id(door: Counting, talk: Talk) -> None:
    await talk.greet()
    await talk.ask("a", FOREVER)
    await talk.hear()

    await talk.say("complete", id="a")
    await until(lambda: door.streams == 0)

    assert (await talk.answer("a", "{ number }"))["data"] == {"number": 7}


async def test_messages_for_what_is_over_or_never_was_are_ignored(talk: Talk) -> None:
    await talk.greet()
    await talk.answer("a", "{ number }")

    for id in ("a", "a", "never"):
        await talk.say("complete", id=id)

    assert (await talk.answer("b", "{ number }"))["data"] == {"number": 7}


async def test_a_socket_has_a_hundred_operations_and_the_next_one_is_refused(door: Counting, talk: Talk) -> None:
    await talk.greet()
    for number in range(100):
        await talk.ask(str(number), FOREVER)
    for _ in range(100):
        await talk.hear()

    await talk.ask("one more", "mutation { do(number: 1) }")
    told = await talk.hear()
    await talk.say("complete", id="0")
    await until(lambda: door.streams == 99)

    assert (told["id"], told["type"]) == ("one more", "error")
    assert [error["extensions"]["code"] for error in told["payload"]] == ["RATE_LIMIT_EXCEEDED"]
    assert door.done == []
    assert (await talk.answer("one more", "{ number }"))["data"] == {"number": 7}


async def test_everything_ends_with_the_socket(door: Counting, talk: Talk) -> None:
    await talk.greet()
    for number in range(10):
        await talk.ask(str(number), FOREVER)
        await talk.hear()

    await talk.connection.close()

    await until(lambda: (door.streams, door.sessions) == (0, 0))


async def test_a_server_that_closes_ends_everything_and_says_why(door: Counting, talk: Talk) -> None:
    await talk.greet()
    await talk.ask("a", FOREVER)
    await talk.hear()

    await door.closes[0](4403, "access ended")

    assert await talk.closed() == (4403, "access ended")
    await until(lambda: (door.streams, door.sessions) == (0, 0))

"""Servers that are compared must say the same, the first time and when the document comes again and is compiled."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any, Final

import orjson

from bench.documents import FRESH_KEY
from bench.sides import Side

PATIENCE_SECONDS: Final = 10.0
TIMES: Final = 3
# Cursors are each server's own, and a payment that is made twice is two payments.
OWN_CURSORS: Final = frozenset({"cursor", "nextCursor", "endCursor", "startCursor"})
OWN_TRANSFER: Final = frozenset({"id", "reference", "createdAt"})


class Disagreement(Exception):
    """Two servers answered the same request differently."""


def require_agreement(requests: Mapping[Side, str]) -> None:
    """Ask each server its request.

    Raises:
        Disagreement: their answers differ, or one refused.
    """
    answers = [
        (side.name, _answer(side, f"{time}-{number}", text))
        for time in range(TIMES)
        for number, (side, text) in enumerate(requests.items())
    ]
    (first, expected), *others = answers
    for name, said in others:
        if said != expected:
            raise Disagreement(f"{first}: {expected}\n{name}: {said}")


def _answer(side: Side, key: str, text: str) -> Any:
    head, _, body = text.partition("\r\n\r\n")
    given = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=PATIENCE_SECONDS)
    body = body.replace(FRESH_KEY, f"{key:>{len(FRESH_KEY)}}".replace(" ", "-"))
    connection.request("POST", "/graphql", body, given)
    answer = orjson.loads(connection.getresponse().read())
    connection.close()
    if "errors" in answer:
        raise Disagreement(f"{side.name}: {answer['errors']}")
    return _comparable(answer["data"], hidden=OWN_CURSORS)


def _comparable(value: Any, *, hidden: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_comparable(item, hidden=hidden) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: bool(inner)
        if name in hidden
        else _comparable(inner, hidden=hidden | OWN_TRANSFER if name == "transfer" else hidden)
        for name, inner in value.items()
    }

"""An operation in a request's address: what GET has instead of a body."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from transport.asking import Asked, Malformed, asked_in

NAMES: Final = frozenset({"query", "documentId", "operationName", "variables", "extensions"})
IN_JSON: Final = frozenset({"variables", "extensions"})
# Whoever sends more has other things in mind.
PARAMETERS_MAX: Final = 32


def asked_by_get(query_string: bytes) -> Asked:
    """The operation of an address; it may only read.

    Raises:
        Malformed: it says which parameter has the wrong form.
    """
    try:
        given = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX
        )
    except UnicodeError:
        raise Malformed("The address must be UTF-8, percent-encoded.") from None
    except ValueError:
        raise Malformed(f"The address has at most {PARAMETERS_MAX} parameters.") from None
    message: dict[str, Any] = {}
    for name, value in given:
        if name not in NAMES:
            continue
        if name in message:
            raise Malformed(f"{name} must come once.")
        message[name] = _from_json(name, value) if name in IN_JSON else value
    # What forms and URL builders leave empty was not said; an empty document is one.
    message = {name: value for name, value in message.items() if value != "" or name == "query"}
    if not message.get("query") and _names_document(message):
        message.pop("query", None)
    return replace(asked_in(message), only_reads=True)


def _from_json(name: str, value: str) -> Any:
    if value == "":
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Malformed(f"{name} must be JSON.") from None


def _names_document(message: dict[str, Any]) -> bool:
    return bool(message.get("documentId") or message.get("extensions"))

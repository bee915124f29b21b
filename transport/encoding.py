"""Answers as bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from graphql import GraphQLError

UNWRITABLE: Final = GraphQLError("The answer cannot be written as JSON.", extensions={"code": "INTERNAL"})


def encode(
    data: object, errors: Sequence[GraphQLError] | None, extensions: Mapping[str, Any], *, has_data: bool = True
) -> bytes:
    """A GraphQL response. `has_data` is false for requests that never ran: their answer has no such key."""
    response: dict[str, Any] = {"data": data} if has_data else {}
    if errors:
        response["errors"] = [error.formatted for error in errors]
    if extensions:
        response["extensions"] = extensions
    try:
        return orjson.dumps(response)
    except TypeError:  # a scalar of the schema answered what JSON has no form for
        return orjson.dumps({"data": None, "errors": [UNWRITABLE.formatted]})

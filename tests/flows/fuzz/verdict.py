"""What every answer must be, whatever was asked."""

from __future__ import annotations

import json
import re
from typing import Any, Final

# What Python says when something was not thought of; no sentence of ours reads like it.
OF_PYTHON: Final = re.compile(
    r"Traceback|NoneType|object has no attribute|<class|object at 0x|recursion|not subscriptable|unhashable"
    r"|not iterable|positional argument|keyword argument|codec can't|integer string conversion"
    r"|(Type|Value|Key|Index|Attribute|Recursion|Unicode\w*)Error\b"
)
STATUSES: Final = frozenset({200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429})


def is_refused(status: int, media: str, body: bytes, asked: object) -> bool:
    """Whether an answer refuses.

    Raises:
        AssertionError: it is no GraphQL answer, or tells a fault of ours.
    """
    told = (status, media, body[:2000], asked)
    assert status in STATUSES, told
    assert media.startswith(("application/json", "application/graphql-response+json")), told
    answer = json.loads(body)
    assert isinstance(answer, dict), told
    assert "data" in answer or answer["errors"], told
    assert_errors_are_ours(answer.get("errors") or [], told)
    return status != 200 or bool(answer.get("errors"))  # noqa: PLR2004


def assert_errors_are_ours(errors: Any, told: object) -> None:
    """Each says what is wrong in words of ours, with a code and the request's id."""
    for error in errors:
        assert not OF_PYTHON.search(error["message"]), told
        assert error["extensions"]["code"] != "INTERNAL", told
        assert error["extensions"]["requestId"], told

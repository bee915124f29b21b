"""The page about API keys says what the code does: its function signs its example, and both are ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.api_keys import presented_in
from domain.identity.signed_request import SignedRequest

PAGE = (Path(__file__).parents[2] / "docs" / "api-keys.md").read_text(encoding="utf-8")


def said(part: str) -> str:
    found = re.search(rf"^\| {re.escape(part)} \| `(.*)` \|$", PAGE, re.MULTILINE)
    assert found, part
    return found.group(1)


def test_the_pages_function_signs_the_pages_example_as_we_do() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    known: dict[str, Any] = {}
    exec(code.group(1), known)
    body, timestamp = said("body").encode(), int(said("timestamp"))

    credential = known["signed"]("POST", "/graphql", body, said("key"), said("secret"), timestamp)
    ours = SignedRequest(method="POST", target="/graphql", timestamp_ms=timestamp, body=body)

    assert ours.signature(said("secret")) == said("**signature**")
    assert said("digest of the body") in ours.text
    presented = presented_in(credential)
    assert (presented.timestamp_ms, presented.signature) == (timestamp, said("**signature**"))

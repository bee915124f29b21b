"""Manifests as clients' build tools write them."""

from __future__ import annotations

import hashlib
import re
from typing import Any

ME = "query Me { viewer { id } }"
FLAGS = "query Flags { featureFlags { key } }"


def digest_of(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def apollo(*texts: str, **changes: Any) -> dict[str, Any]:
    """Apollo's list; `changes` are made to every operation of it."""
    return {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [_operation(text) | changes for text in texts],
    }


def relay(*texts: str) -> dict[str, str]:
    """Relay's map, by MD5."""
    return {hashlib.md5(text.encode()).hexdigest(): text for text in texts}


def codegen(*texts: str) -> dict[str, str]:
    """graphql-codegen's map, by `sha256:`."""
    return {f"sha256:{digest_of(text)}": text for text in texts}


def _operation(text: str) -> dict[str, str]:
    found = re.match(r"\s*(query|mutation|subscription)\s+(\w+)", text)
    type_, name = found.groups() if found else ("query", "Nameless")
    return {"id": digest_of(text), "name": name, "type": type_, "body": text}

"""Manifests of documents, as Apollo writes them: one list of ids, names, types and texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import OperationDefinitionNode, parse

FORMAT: Final = "apollo-persisted-query-manifest"
VERSION: Final = 1


def operations_in(texts: Iterable[str]) -> dict[str, str]:
    """Id → text; an id is `sha256:` and the digest of the exact text (GraphQL over HTTP, Appendix A)."""
    return {f"sha256:{hashlib.sha256(text.encode()).hexdigest()}": text for text in texts}


def manifest_of(operations: Mapping[str, str]) -> dict[str, Any]:
    """The manifest of documents with one operation each."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "operations": [_entry(*named) for named in sorted(operations.items())],
    }


def _entry(id: str, text: str) -> dict[str, str]:
    (operation,) = (given for given in parse(text).definitions if isinstance(given, OperationDefinitionNode))
    assert operation.name is not None, "documents that apps send have names"
    return {"id": id, "name": operation.name.value, "type": operation.operation.value, "body": text}

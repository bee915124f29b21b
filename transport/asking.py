"""What a client asks: a document, its variables, and which of its operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from transport.preparing import ID_PREFIX

APOLLO_VERSION: Final = 1


# Made for every request; to freeze one takes longer than to make it.
@dataclass(slots=True)
class Asked:
    """One operation as it came in, checked for its form and not yet for its meaning."""

    text: str
    """Empty where `document_id` alone names the document."""
    variables: dict[str, Any] | None = None
    name: str | None = None
    document_id: str | None = None
    """The id of a persisted document: usually `sha256:` and the digest of its text in hexadecimal digits."""
    after: str | None = None
    """The cursor that a stream is resumed behind, where the transport carries one (SSE's Last-Event-ID)."""
    only_reads: bool = False
    """Whether it came by a request that may change nothing."""
    is_automatic: bool = False
    """Whether the id came in Apollo's form, whose clients send the text when they are told that it is not known."""


class Malformed(Exception):
    """What came is no operation. The message is for the client, the status for whoever came by HTTP."""

    def __init__(self, message: str, *, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status, self.code = status, code


def asked_in(message: object) -> Asked:
    """The operation in a decoded JSON value.

    Raises:
        Malformed: it says which part has the wrong form.
    """
    if isinstance(message, list):
        raise Malformed("Operations are sent one by one; the request must be a JSON object, not an array of them.")
    if not isinstance(message, dict):
        raise Malformed("The request must be a JSON object.")
    text, variables = message.get("query"), message.get("variables")
    name, extensions = message.get("operationName"), message.get("extensions")
    document_id, is_automatic = message.get("documentId"), False
    if document_id is None and extensions:
        document_id, is_automatic = _named_in(extensions)
    if document_id is not None and not isinstance(document_id, str):
        raise Malformed("documentId must be a string.")
    if not isinstance(text, str) and (document_id is None or text is not None):
        raise Malformed("query must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise Malformed("variables must be an object.")
    if name is not None and not isinstance(name, str):
        raise Malformed("operationName must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise Malformed("extensions must be an object.")
    return Asked(text or "", variables, name, document_id, is_automatic=is_automatic)


def _named_in(extensions: object) -> tuple[object, bool]:
    """The id that a request's extensions name, and whether in Apollo's form: `persistedQuery{version, sha256Hash}`."""
    if not isinstance(extensions, dict):
        raise Malformed("extensions must be an object.")
    document_id, persisted = extensions.get("documentId"), extensions.get("persistedQuery")
    if document_id is not None or persisted is None:
        return document_id, False
    if not isinstance(persisted, dict):
        raise Malformed("extensions.persistedQuery must be an object.")
    digest = persisted.get("sha256Hash")
    if persisted.get("version") != APOLLO_VERSION:
        raise Malformed(f"extensions.persistedQuery.version must be {APOLLO_VERSION}.")
    if not isinstance(digest, str):
        raise Malformed("extensions.persistedQuery.sha256Hash must be a string.")
    return digest if digest.startswith(ID_PREFIX) else f"{ID_PREFIX}{digest}", True

"""What a client asks: a document, its variables, and which of its operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation as it came in, checked for its form and not yet for its meaning."""

    text: str
    """Empty where `document_id` names the document."""
    variables: dict[str, Any] | None = None
    name: str | None = None
    document_id: str | None = None
    """The id of a trusted document: `sha256:` and the digest of its text in hexadecimal digits."""
    after: str | None = None
    """The cursor that a stream is resumed behind, where the transport carries one (SSE's Last-Event-ID)."""


class Malformed(Exception):
    """What came is no operation. The message is for the client."""


def asked_in(message: object) -> Asked:
    """The operation in a decoded JSON value.

    Raises:
        Malformed: it says which part has the wrong form.
    """
    if not isinstance(message, dict):
        raise Malformed("The request must be a JSON object.")
    text, variables = message.get("query"), message.get("variables")
    name, extensions = message.get("operationName"), message.get("extensions")
    document_id = message.get("documentId")
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
    return Asked(text or "", variables, name, document_id)

"""The documents that apps of ours and our merchants' send, and may name by their ids."""

from __future__ import annotations

from app.contract.released import document_texts, released_operations


def trusted_documents() -> list[str]:
    """Those of `schema/documents/`, one operation a file, and those that an app released earlier still sends."""
    return list(dict.fromkeys([*document_texts(), *released_operations().values()]))

"""The registry of operations as commands reach it."""

from __future__ import annotations

from dataclasses import dataclass

from app.document_checking import SchemaChecker
from app.registered_documents import RegisteredDocuments


@dataclass(frozen=True, slots=True)
class Registry:
    """See `resolvers.context.Registry`."""

    documents: RegisteredDocuments
    checker: SchemaChecker

    async def refresh(self) -> None:
        """Know here at once what was committed here."""
        await self.documents.refresh()

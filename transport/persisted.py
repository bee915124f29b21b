"""Documents that clients name by their id instead of sending them, and who may send what."""

from __future__ import annotations

from typing import Any, Final, Protocol

from graphql import GraphQLError

NOT_FOUND: Final = "PERSISTED_OPERATION_NOT_FOUND"
# Message and code as Apollo's link and urql's exchange look for them; they send the text then.
APOLLO_NOT_FOUND: Final = "PersistedQueryNotFound"
APOLLO_NOT_FOUND_CODE: Final = "PERSISTED_QUERY_NOT_FOUND"


class PersistedDocuments(Protocol):
    """Documents that clients name by their id, beyond those that the process trusts from the start.

    Asked in this order: `find`, then the trusted documents if the caller `takes_trusted`, then, for who `takes_text`,
    those that callers registered, and `fetch` at last.
    """

    def find(self, document_id: str, context: Any) -> str | None:
        """The text, if this caller may run it by this id; from memory, without waiting."""
        ...

    async def fetch(self, document_id: str, context: Any) -> str | None:
        """The same for an id that nothing in memory knows: another process may have heard of it."""
        ...

    def takes_text(self, context: Any) -> bool:
        """May this caller send a text of its own? Who may not names ids, or sends an allowed document to the letter."""
        ...

    def takes_trusted(self, context: Any) -> bool:
        """May this caller run the documents that the process trusts from the start?"""
        ...

    def registers(self, context: Any) -> bool:
        """Is a text that this caller sends with its digest remembered, so that the digest alone does the next time?"""
        ...

    def ran(self, document_id: str, context: Any) -> None:
        """An operation of this document was admitted; told for every caller who named it, or may name nothing else."""
        ...


class NothingPersisted:
    """For schemas whose owner keeps no documents: everybody sends texts, and has them remembered."""

    def find(self, document_id: str, context: Any) -> str | None:
        """None."""

    async def fetch(self, document_id: str, context: Any) -> str | None:
        """None."""

    def takes_text(self, context: Any) -> bool:
        """Everybody may."""
        return True

    def takes_trusted(self, context: Any) -> bool:
        """Everybody may."""
        return True

    def registers(self, context: Any) -> bool:
        """For everybody."""
        return True

    def ran(self, document_id: str, context: Any) -> None:
        """Nobody counts."""


def not_found(*, is_automatic: bool) -> GraphQLError:
    """What a caller gets for an id that leads to no document; `is_automatic` if its client would send the text next."""
    if is_automatic:
        return GraphQLError(APOLLO_NOT_FOUND, extensions={"code": APOLLO_NOT_FOUND_CODE})
    return GraphQLError("There is no persisted document of this id for you.", extensions={"code": NOT_FOUND})

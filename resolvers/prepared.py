"""Documents that were parsed and found valid, by their text."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from graphql import DocumentNode

# A parsed document takes about a hundred times the memory of its text, so texts are what is counted.
TEXT_LENGTH_MAX: Final = 8 * 1024
TEXTS_LENGTH_MAX: Final = 128 * 1024


class Prepared:
    """Remembers the documents used last, as many as fit, and none that is longer than usual ones."""

    def __init__(self, *, texts_length_max: int = TEXTS_LENGTH_MAX) -> None:
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()
        self._known: dict[int, DocumentNode] = {}
        self._texts_length, self._texts_length_max = 0, texts_length_max

    def find(self, text: str) -> DocumentNode | None:
        """The document of exactly this text, when it is remembered."""
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
            self._known[id(document)] = document
        return document

    def is_known(self, document: DocumentNode) -> bool:
        """Whether it was found at least once: the same text came again."""
        return self._known.get(id(document)) is document

    def keep(self, text: str, document: DocumentNode) -> None:
        """Remember a valid document; those that were not used for longest make room."""
        if len(text) > TEXT_LENGTH_MAX:
            return
        if text not in self._documents:
            self._texts_length += len(text)
        self._documents[text] = document
        while self._texts_length > self._texts_length_max:
            forgotten, document = self._documents.popitem(last=False)
            self._known.pop(id(document), None)
            self._texts_length -= len(forgotten)

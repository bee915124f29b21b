"""Documents that were parsed and found valid, kept by their text; and which of their operations is meant."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from graphql import (
    BREAK,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    visit,
)

from transport.limits import INTROSPECTION_FIELDS

# A parsed document takes about a hundred times the memory of its text, so texts are what is counted.
TEXT_LENGTH_MAX: Final = 15_000
TEXTS_LENGTH_MAX: Final = 128 * 1024
ID_PREFIX: Final = "sha256:"
SEVERAL: Final = "The document has several operations; operationName says which is meant."

Variables: TypeAlias = Mapping[str, Any]
Cost: TypeAlias = int | Callable[[Variables], int]
"""A number, or where variables decide how long pages are, what reckons it from them."""


def id_of(text: str) -> str:
    """The id of a document (GraphQL over HTTP, appendix A)."""
    return f"{ID_PREFIX}{hashlib.sha256(text.encode()).hexdigest()}"


class Prepared:
    """A valid document. `is_known` once the same text came again, which makes compiling it worth while; `introspects`
    if it asks about the schema itself.
    """

    __slots__ = ("costs", "document", "introspects", "is_known", "lifetimes", "operations", "registered_as", "text")

    def __init__(
        self,
        text: str,
        document: DocumentNode,
        costs: Mapping[str | None, Cost] | None = None,
        lifetimes: Mapping[str | None, float] | None = None,
    ) -> None:
        self.text = text
        self.document = document
        self.is_known = False
        self.introspects = introspects(document)
        self.registered_as: str | None = None
        self.costs = costs or {}
        self.lifetimes = lifetimes or {}
        self.operations = {
            definition.name.value if definition.name else None: definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }

    def meant(self, name: str | None) -> str | None:
        """The key of the operation that is meant.

        Raises:
            GraphQLError: there is none of this name, or several and no name says which.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations))
        if name is None:
            raise GraphQLError(SEVERAL if self.operations else "The document has no operation.")
        if name not in self.operations:
            raise GraphQLError(f"The document has no operation named {name!r}.")
        return name


def introspects(document: DocumentNode) -> bool:
    """Whether any part of it asks about the schema."""
    found = _Introspection()
    visit(document, found)
    return found.is_found


def shaping_variables(prepared: Prepared, operation: OperationDefinitionNode) -> frozenset[str]:
    """The variables that decide what is written of a subscription's event.

    The arguments of its root field decide what happens and whom it is told, which is the source's own matter.
    """
    found = _Variables()
    for definition in prepared.document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            visit(definition, found)
    for selection in operation.selection_set.selections:
        if not isinstance(selection, FieldNode):
            visit(selection, found)
            continue
        parts: list[Node] = [*(selection.directives or ())]
        if selection.selection_set is not None:
            parts.append(selection.selection_set)
        for part in parts:
            visit(part, found)
    return frozenset(found.names)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


class _Introspection(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.is_found = False

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        if node.name.value in INTROSPECTION_FIELDS:
            self.is_found = True
            return BREAK
        return None


class PreparedDocuments:
    """Remembers the documents used last, as many as fit, and none that is longer than usual ones."""

    def __init__(self, *, texts_length_max: int = TEXTS_LENGTH_MAX) -> None:
        self._documents: OrderedDict[str, Prepared] = OrderedDict()
        self._trusted: dict[str, Prepared] = {}
        self._registered: dict[str, Prepared] = {}
        self._texts_length, self._texts_length_max = 0, texts_length_max

    def __len__(self) -> int:
        return len(self._documents)

    def trust(self, prepared: Prepared) -> None:
        """Keep a document for good; it is found by its text and by its id."""
        prepared.is_known = True
        self._trusted[prepared.text] = self._trusted[id_of(prepared.text)] = prepared

    def find_trusted(self, document_id: str) -> Prepared | None:
        """The trusted document of this id."""
        return self._trusted.get(document_id) if document_id.startswith(ID_PREFIX) else None

    def find_registered(self, document_id: str) -> Prepared | None:
        """The document that a caller registered by this id, while it is remembered."""
        prepared = self._registered.get(document_id)
        return None if prepared is None else self.find(prepared.text)

    def register(self, document_id: str, prepared: Prepared) -> None:
        """Find a document by the digest of its text too, for as long as it is remembered."""
        if self._documents.get(prepared.text) is prepared:
            self._registered[document_id], prepared.registered_as = prepared, document_id

    def find(self, text: str) -> Prepared | None:
        """The document of exactly this text, when it is remembered."""
        prepared = self._documents.get(text)
        if prepared is None:
            return self._trusted.get(text)
        self._documents.move_to_end(text)
        prepared.is_known = True
        return prepared

    def keep(self, prepared: Prepared) -> None:
        """Remember a valid document; those that were not used for longest make room."""
        text = prepared.text
        if len(text) > TEXT_LENGTH_MAX:
            return
        if text not in self._documents:
            self._texts_length += len(text)
        self._documents[text] = prepared
        while self._texts_length > self._texts_length_max:
            forgotten, document = self._documents.popitem(last=False)
            self._texts_length -= len(forgotten)
            if document.registered_as is not None:
                self._registered.pop(document.registered_as, None)

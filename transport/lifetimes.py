"""How long anybody may keep the answer to an operation, from what its fields declare.

A root field declares `cached_for` (a timedelta) in its metadata: its answer is the same for all callers, and may be
kept for so long; or `same_for_all`: it is the same for all who ask at one moment, and may not be kept. Below it
everything has to be seen to depend on no caller: a read of the parent, an edge that everybody may follow, or a field
that declares `public`. One field that may depend on who asks makes the whole operation nobody's to keep or to share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from execution.classes import DEFINITION, attribute_of
from execution.declared import declared, edge_of, is_pure, read_of
from transport.selecting import selected

TYPENAME = "__typename"
AT_ONCE = timedelta(0)


def lifetimes_of(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, float]:
    """Seconds, for those operations of a valid document whose answers are the same for all; 0 where nobody may keep
    them.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found: dict[str | None, float] = {}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and node.operation is OperationType.QUERY:
            lifetime = _Lifetime(schema, fragments).of(node)
            if lifetime is not None:
                found[node.name.value if node.name else None] = lifetime.total_seconds()
    return found


class _Lifetime:
    """Looks at each selection of each type once."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema, self._fragments = schema, fragments
        self._known: dict[tuple[str, int], bool] = {}

    def of(self, operation: OperationDefinitionNode) -> timedelta | None:
        """The shortest lifetime among its root fields; None if one of them has none."""
        root = self._schema.query_type
        assert root is not None, "the document is valid"
        lifetimes: list[timedelta] = []
        for node, field in self._fields(root, operation.selection_set):
            if node.name.value == TYPENAME:
                continue
            said = declared(field)
            lifetime: timedelta | None = said.get("cached_for", AT_ONCE if said.get("same_for_all") else None)
            if lifetime is None or not self._is_public_below(field, node):
                return None
            lifetimes.append(lifetime)
        return min(lifetimes, default=None)

    def _is_public(self, type_: GraphQLObjectType, selections: SelectionSetNode) -> bool:
        key = (type_.name, id(selections))
        if key not in self._known:
            self._known[key] = all(
                node.name.value == TYPENAME or (depends_on_nobody(field) and self._is_public_below(field, node))
                for node, field in self._fields(type_, selections)
            )
        return self._known[key]

    def _is_public_below(self, field: GraphQLField, node: FieldNode) -> bool:
        named = get_named_type(field.type)
        if node.selection_set is None or not is_composite_type(named):
            return True
        possible = [named] if isinstance(named, GraphQLObjectType) else self._schema.get_possible_types(named)
        return all(self._is_public(type_, node.selection_set) for type_ in possible)

    def _fields(
        self, type_: GraphQLObjectType, selections: SelectionSetNode
    ) -> Iterable[tuple[FieldNode, GraphQLField]]:
        for node in selected(self._schema, self._fragments, type_, selections):
            field = self._schema.get_field(type_, node.name.value)
            assert field is not None, "the document is valid"
            yield node, field


def depends_on_nobody(field: GraphQLField) -> bool:
    """Whether the field is seen to answer every caller alike."""
    is_said = declared(field).get("public")
    if is_said is not None:
        return bool(is_said)
    edge = edge_of(field)
    if edge is not None:
        return edge.check is None
    if getattr(field.extensions.get(DEFINITION), "extensions", ()):
        return False  # what a schema's owner put around it may look at the caller
    if field.resolve is None or read_of(field) is not None or is_pure(field):
        return True
    return attribute_of(field) is not None

"""What a document asks for: its operation, the conditions it depends on, and the fields of a selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues

INTROSPECTION: Final = frozenset({"__schema", "__type"})
CONDITIONS: Final = frozenset({"skip", "include"})
UNCOMPILED: Final = frozenset({"defer", "stream", "experimental_disableErrorPropagation"})

GroupedFields = dict[str, FieldDetailsList]


@dataclass(frozen=True, slots=True)
class Request:
    """One operation of one document, and the variables that decide which of its fields exist."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    definitions: dict[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]


def request_of(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None) -> Request | None:
    """The operation that is meant; None when there is no such thing, or it uses what is not compiled."""
    operation = _operation(document, operation_name)
    reading = _Reading(document)
    if operation is None or not reading.compilable or schema.get_root_type(operation.operation) is None:
        return None
    declared = {d.variable.name.value for d in operation.variable_definitions or ()}
    definitions = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    return Request(
        schema,
        operation,
        {name: FragmentDetails(definition) for name, definition in definitions.items()},
        definitions,
        tuple(sorted(reading.conditions & declared)),
    )


def root_fields(request: Request, type_: GraphQLObjectType, variables: VariableValues) -> GroupedFields:
    """The fields of the operation by response name, merged, in the order of the answer."""
    return collect_fields(request.schema, request.fragments, variables, type_, request.operation).grouped_field_set


def sub_fields(
    request: Request, type_: GraphQLObjectType, variables: VariableValues, parents: FieldDetailsList
) -> GroupedFields:
    """The same for an object below: what all its merged parents select of this type."""
    return collect_subfields(
        request.schema, request.fragments, variables, request.operation, type_, parents
    ).grouped_field_set


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    named = [operation for operation in operations if operation.name and operation.name.value == name]
    return named[-1] if named else None


class _Reading:
    """One walk over a document: may it be compiled, and on which variables does its shape depend?"""

    def __init__(self, document: DocumentNode) -> None:
        self.compilable = True
        self.conditions: set[str] = set()
        self._left: list[SelectionNode] = []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode) and definition.variable_definitions:
                self.compilable = False
            if isinstance(definition, FragmentDefinitionNode | OperationDefinitionNode):
                self._left += definition.selection_set.selections
                self._directives(definition.directives)
        while self._left:
            self._selection(self._left.pop())

    def _selection(self, node: SelectionNode) -> None:
        if isinstance(node, FieldNode) and node.name.value in INTROSPECTION:
            self.compilable = False
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            self._left += node.selection_set.selections
        self._directives(node.directives)

    def _directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        for node in directives or ():
            if node.name.value in UNCOMPILED:
                self.compilable = False
            if node.name.value in CONDITIONS:
                given = (argument.value for argument in node.arguments or ())
                self.conditions.update(value.name.value for value in given if isinstance(value, VariableNode))

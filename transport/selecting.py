"""The fields that a selection asks of one type, through fragments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)


def selected(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    type_: GraphQLObjectType,
    selections: SelectionSetNode,
) -> Iterator[FieldNode]:
    """Each in its order, those of a fragment where it stands. The document is valid."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection
            continue
        fragment = fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        condition = fragment.type_condition
        if condition is None or is_of(schema, type_, condition.name.value):
            yield from selected(schema, fragments, type_, fragment.selection_set)


def is_of(schema: GraphQLSchema, type_: GraphQLObjectType, name: str) -> bool:
    """Whether a fragment on the type of this name applies to a value of `type_`."""
    condition = schema.get_type(name)
    return condition is type_ or (is_abstract_type(condition) and schema.is_sub_type(condition, type_))

"""How large a document may be, measured before any of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

# Ten times the introspection query, which is the longest that tools send.
TOKENS_MAX: Final = 2_000
# With fragments written out wherever they are spread: a short document can spell a very long one.
FIELDS_MAX: Final = 1_000
ALIASES_MAX: Final = 50
DEPTH_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Extent:
    """What a selection asks for, fragments written out."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0

    def beside(self, other: Extent) -> Extent:
        """Both, next to each other."""
        return Extent(self.fields + other.fields, self.aliases + other.aliases, max(self.depth, other.depth))

    def below(self, *, is_aliased: bool) -> Extent:
        """It, as what a field leads to, and that field."""
        return Extent(self.fields + 1, self.aliases + is_aliased, self.depth + 1)


class BoundedOperations(ValidationRule):
    """Each operation's extent is within the limits."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure, and say which limit it passes."""
        extent = Measure(self.context).of(node.selection_set)
        for what, actual, most in (
            ("fields", extent.fields, FIELDS_MAX),
            ("aliases", extent.aliases, ALIASES_MAX),
            ("levels of fields", extent.depth, DEPTH_MAX),
        ):
            if actual > most:
                self.report_error(GraphQLError(f"An operation has at most {most} {what}; this one has {actual}."))


class Measure:
    """Measures each fragment once, or measuring would cost what the limits are there to save."""

    def __init__(self, context: ValidationContext) -> None:
        definitions = context.document.definitions
        named = (node for node in definitions if isinstance(node, FragmentDefinitionNode))
        self._fragments: Mapping[str, FragmentDefinitionNode] = {node.name.value: node for node in named}
        self._known: dict[str, Extent] = {}

    def of(self, selections: SelectionSetNode | None) -> Extent:
        """The extent of everything in braces."""
        extent = Extent()
        for selection in selections.selections if selections else ():
            extent = extent.beside(self._of_one(selection))
        return extent

    def _of_one(self, selection: SelectionNode) -> Extent:
        if isinstance(selection, FragmentSpreadNode):
            return self._of_fragment(selection.name.value)
        extent = self.of(getattr(selection, "selection_set", None))
        return extent.below(is_aliased=selection.alias is not None) if isinstance(selection, FieldNode) else extent

    def _of_fragment(self, name: str) -> Extent:
        if name not in self._known:
            # Nothing until it is known: one that spreads itself is refused by another rule.
            self._known[name] = Extent()
            fragment = self._fragments.get(name)
            self._known[name] = self.of(fragment.selection_set if fragment else None)
        return self._known[name]

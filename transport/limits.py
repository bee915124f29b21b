"""How large a document may be, measured before it is validated and before any of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

INTROSPECTION_FIELDS: Final = frozenset({"__schema", "__type"})
# The question that tools ask leads thirteen levels down, through lists of lists of what must not be null.
INTROSPECTION_DEPTH_MAX: Final = 20
ERRORS_MAX: Final = 20
# A double has 309 digits before its point. Python reads none of more than 4 300, and says so in its own words.
DIGITS_MAX: Final = 400
MANY_DIGITS: Final = re.compile(r"\d{200}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an operation may be, whatever it came by. Fragments count wherever they are spread."""

    body_bytes: int = 1024 * 1024
    """A request without files, over HTTP; files have limits of their own."""
    text_length: int = 15_000
    """Characters."""
    tokens: int = 2_000
    """Words and signs."""
    fields: int = 500
    """Fields in all: a short document can spell a very long one."""
    document_fields: int = 2_000
    """Fields of all operations of a document, each of which is validated, and of fragments that none of them uses."""
    repetitions: int = 2_000
    """Pairs of fields of one name, and of fragments, at one place, for each of which it is decided whether they can be
    merged; in all of the document.
    """
    depth: int = 12
    """Levels of fields; those below `__schema` and `__type` have a limit of their own."""
    aliases: int = 30
    """Fields under another name."""
    root_fields: int = 20
    """Fields at the root."""
    directives: int = 50
    """Directives at whatever they stand."""
    cost: int = 1_000
    """What it costs with its variables (see `transport.cost`)."""
    page_items: int = 20
    """What a list is taken for that is asked for in pages when nothing says how long one is."""


def over_limit(name: str, what: str, *, actual: int | None, most: int, of: str = "An operation") -> GraphQLError:
    """The refusal: in words, and as a `limit` that a client can read."""
    told = f"{of} has at most {most} {what}" + ("." if actual is None else f"; this one has {actual}.")
    limit = {"name": name, "maximum": most, **({} if actual is None else {"actual": actual})}
    return GraphQLError(told, extensions={"code": "BAD_REQUEST", "limit": limit})


def check_text(text: str, limits: Limits) -> None:
    """Before anything of it is read.

    Raises:
        GraphQLError: it is too long.
    """
    if len(text) > limits.text_length:
        raise over_limit("textLength", "characters", actual=len(text), most=limits.text_length)


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Each of its operations, and all of what validation would look at.

    Raises:
        GraphQLError: the first limit that it passes.
    """
    if document.loc is not None and MANY_DIGITS.search(document.loc.source.body):
        visit(document, _Numbers())
    measure = Measure(document)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fields = 0
    for node in operations:
        extent = measure.of(node.selection_set)
        _check_operation(extent, extent.directives + _on_operation(node), limits)
        fields += extent.fields
    # Validation refuses those too, but only once it has compared what is in them.
    unused = measure.unused()
    fields += sum(measure.of(selections).fields for selections in unused)
    _check("documentFields", "fields in all", fields, limits.document_fields, of="A document")
    pairs = sum(measure.pairs([selections]) for selections in (*(node.selection_set for node in operations), *unused))
    _check(
        "repetitions",
        "pairs of fields of one name, or of fragments, at one place",
        pairs,
        limits.repetitions,
        of="A document",
    )


def _check_operation(extent: Extent, directives: int, limits: Limits) -> None:
    _check("fields", "fields", extent.fields, limits.fields)
    _check("depth", "levels of fields", extent.depth, limits.depth)
    _check("introspectionDepth", "levels below __schema", extent.introspection_depth, INTROSPECTION_DEPTH_MAX)
    _check("aliases", "aliases", extent.aliases, limits.aliases)
    _check("rootFields", "fields at its root", extent.width, limits.root_fields)
    _check("directives", "directives", directives, limits.directives)


def _check(name: str, what: str, actual: int, most: int, *, of: str = "An operation") -> None:
    if actual > most:
        raise over_limit(name, what, actual=actual, most=most, of=of)


@dataclass(frozen=True, slots=True)
class Extent:
    """What a selection asks for, fragments written out."""

    fields: int = 0
    width: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    introspection_depth: int = 0

    def beside(self, other: Extent) -> Extent:
        """Both, next to each other."""
        return Extent(
            self.fields + other.fields,
            self.width + other.width,
            self.aliases + other.aliases,
            self.directives + other.directives,
            max(self.depth, other.depth),
            max(self.introspection_depth, other.introspection_depth),
        )

    def below(self, field: FieldNode) -> Extent:
        """It, as what a field leads to, and that field."""
        is_introspection = field.name.value in INTROSPECTION_FIELDS
        return Extent(
            self.fields + 1,
            1,
            self.aliases + (field.alias is not None),
            self.directives + len(field.directives or ()),
            1 if is_introspection else self.depth + 1,
            self.depth if is_introspection else self.introspection_depth,
        )


class Measure:
    """Measures each fragment once, or measuring would cost what the limits are there to save."""

    def __init__(self, document: DocumentNode) -> None:
        named = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
        self._fragments: Mapping[str, FragmentDefinitionNode] = {node.name.value: node for node in named}
        self._known: dict[str, Extent] = {}
        self._open: set[str] = set()

    def of(self, selections: SelectionSetNode | None) -> Extent:
        """The extent of everything in braces.

        Raises:
            GraphQLError: a fragment spreads itself.
        """
        extent = Extent()
        for selection in selections.selections if selections else ():
            extent = extent.beside(self._of_one(selection))
        return extent

    def unused(self) -> list[SelectionSetNode]:
        """What stands in fragments that nothing measured so far has led to."""
        found: list[SelectionSetNode] = []
        for name, fragment in self._fragments.items():
            if name not in self._known:
                found.append(fragment.selection_set)
                self._of_fragment(name)
        return found

    def pairs(self, sets: Sequence[SelectionSetNode]) -> int:
        """How many pairs of fields of one name, and of fragments, are at one place; to be asked when `fields` is known
        to be small.
        """
        fields: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selections in sets:
            for field in self._fields_in(selections, spread):
                fields.setdefault((field.alias or field.name).value, []).append(field)
        count = len(spread) * (len(spread) - 1) // 2
        for alike in fields.values():
            count += len(alike) * (len(alike) - 1) // 2
            below = [field.selection_set for field in alike if field.selection_set is not None]
            if below:
                count += self.pairs(below)
        return count

    def _of_one(self, selection: SelectionNode) -> Extent:
        if isinstance(selection, FieldNode):
            return self.of(selection.selection_set).below(selection)
        if isinstance(selection, FragmentSpreadNode):
            extent = self._of_fragment(selection.name.value)
        else:
            extent = self.of(getattr(selection, "selection_set", None))
        return extent.beside(Extent(directives=len(selection.directives))) if selection.directives else extent

    def _of_fragment(self, name: str) -> Extent:
        if name in self._open:
            raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", extensions={"code": "BAD_REQUEST"})
        if name not in self._known:
            fragment = self._fragments.get(name)
            if fragment is None:
                return Extent()  # validation names it
            self._open.add(name)
            own = Extent(directives=len(fragment.directives or ()))
            self._known[name] = self.of(fragment.selection_set).beside(own)
            self._open.discard(name)
        return self._known[name]

    def _fields_in(self, selections: SelectionSetNode, spread: set[str]) -> Iterator[FieldNode]:
        """The fields at one place; the names of the fragments that lead to them are put into `spread`."""
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from self._fields_in(selection.selection_set, spread)
            elif isinstance(selection, FragmentSpreadNode) and self._of_fragment(selection.name.value).fields:
                # Those that lead to no field would be gone through as often as they are spelled.
                spread.add(selection.name.value)
                yield from self._fields_in(self._fragments[selection.name.value].selection_set, spread)


class _Numbers(Visitor):
    def enter_int_value(self, node: IntValueNode | FloatValueNode, *_: Any) -> None:
        if len(node.value) >= DIGITS_MAX:
            raise over_limit("digits", "digits in a number", actual=len(node.value), most=DIGITS_MAX)

    enter_float_value = enter_int_value


def _on_operation(node: OperationDefinitionNode) -> int:
    variables = node.variable_definitions or ()
    return len(node.directives or ()) + sum(len(variable.directives or ()) for variable in variables)

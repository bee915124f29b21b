"""What an operation costs, reckoned before it runs from what its fields declare and how long its pages are.

A field whose type has fields costs 1 and one without costs nothing; what stands below a list is paid for each item. How
many there are say `first` and `last` (of a connection: for the lists in it), else the argument's default, else
`Limits.page_items`. A field declares otherwise in its metadata: `weight`, what it costs itself; `items`, how long a
list is taken for that has no pages; `sized_by`, an argument of which it has an item for each. Of several types that a
value may be of the dearest counts, and what `@skip` and `@include` may leave out counts too: it is the most that is
asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)
from graphql.utilities.value_from_ast_untyped import value_from_ast_untyped

from execution.declared import declared
from transport.preparing import Cost, Prepared, Variables
from transport.selecting import selected

# What is dearer is told as this, which is the largest whole number that all readers of JSON keep.
COST_TOLD_MAX: Final = 2**53 - 1
SLICING: Final = ("first", "last")


def cost(prepared: Prepared, operation_name: str | None, variables: Variables | None) -> int:
    """What this operation costs with these variables; with their defaults where none are given.

    Raises:
        GraphQLError: there is no operation of this name, or several and no name says which.
    """
    found = prepared.costs[prepared.meant(operation_name)]
    return reckoned(found, variables)


def reckoned(cost: Cost, variables: Variables | None) -> int:
    """A number, which a large page in a large page makes larger than JSON can tell."""
    return min(cost if isinstance(cost, int) else cost(variables or {}), COST_TOLD_MAX)


def costs_of(schema: GraphQLSchema, document: DocumentNode, *, page_items: int) -> dict[str | None, Cost]:
    """The cost of every operation of a valid document."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return {
        node.name.value if node.name else None: _Reckoning(schema, node, fragments, page_items).cost()
        for node in operations
    }


class _Reckoning:
    """Reckons one operation; what is selected in the same place of the same type is reckoned once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        page_items: int,
    ) -> None:
        self._schema, self._operation, self._fragments = schema, operation, fragments
        self._page_items = page_items
        self._sizes = Sizes(operation, page_items)
        self._known: dict[tuple[str, tuple[int, ...], int], Cost] = {}

    def cost(self) -> Cost:
        """Of the whole operation."""
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None, "the document is valid"
        return self._below(root, [self._operation.selection_set], None)

    def _below(self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode], page: Cost | None) -> Cost:
        """What is selected of a value of this type; `page` is how many items the lists in it have."""
        key = (type_.name, tuple(map(id, sets)), id(page))
        if key not in self._known:
            possible = [type_] if isinstance(type_, GraphQLObjectType) else self._schema.get_possible_types(type_)
            self._known[key] = dearest([self._of_object(object_type, sets, page) for object_type in possible])
        return self._known[key]

    def _of_object(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], page: Cost | None) -> Cost:
        fields: dict[str, list[FieldNode]] = {}
        for selections in sets:
            for node in selected(self._schema, self._fragments, type_, selections):
                fields.setdefault((node.alias or node.name).value, []).append(node)
        return total([self._of_field(type_, nodes, page) for nodes in fields.values()])

    def _of_field(self, parent: GraphQLObjectType, nodes: list[FieldNode], page: Cost | None) -> Cost:
        field = self._schema.get_field(parent, nodes[0].name.value)
        assert field is not None, "the document is valid"
        named, said = get_named_type(field.type), declared(field)
        if not is_composite_type(named):
            weight: int = said.get("weight", 0)
            return weight
        weight = said.get("weight", 1)
        size = self._sizes.of(field, said, nodes[0])
        sets = [node.selection_set for node in nodes if node.selection_set is not None]
        if not _is_list(field):
            return total([weight, self._below(named, sets, size)])
        items = size if size is not None else page if page is not None else 1
        return times(items, total([weight, self._below(named, sets, None)]))


class Sizes:
    """How many items the fields of one operation have."""

    def __init__(self, operation: OperationDefinitionNode, page_items: int) -> None:
        self._page_items = page_items
        self._defaults = {
            node.variable.name.value: value_from_ast_untyped(node.default_value)
            for node in operation.variable_definitions or ()
            if node.default_value is not None
        }

    def of(self, field: GraphQLField, said: Mapping[str, Any], node: FieldNode) -> Cost | None:
        """None for a field that says nothing of it."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        sized_by = said.get("sized_by")
        if sized_by is not None:
            return self._settled([self._read(given.get(sized_by), None)], _length, 1)
        slicing = [name for name in SLICING if name in field.args]
        if slicing:
            read = [self._read(given.get(name), field.args[name].default_value) for name in slicing]
            return self._settled(read, _whole, self._page_items)
        items: int | None = said.get("items")
        return items

    def _read(self, value: ValueNode | None, default: Any) -> Any:
        """A value, or what reads it from the variables."""
        if not isinstance(value, VariableNode):
            return default if value is None else value_from_ast_untyped(value)
        name = value.name.value
        if name in self._defaults:
            default = self._defaults[name]
        return lambda variables: variables.get(name, default)

    def _settled(self, read: list[Any], count: Callable[[Any], int | None], otherwise: int) -> Cost:
        """The first of these that counts something."""

        def settle(variables: Variables) -> int:
            for each in read:
                found = count(each(variables) if callable(each) else each)
                if found is not None:
                    return max(0, found)
            return otherwise

        return settle if any(map(callable, read)) else settle({})


def total(costs: Sequence[Cost]) -> Cost:
    """All of them together."""
    fixed = sum(cost for cost in costs if isinstance(cost, int))
    reckoned = [cost for cost in costs if not isinstance(cost, int)]
    if not reckoned:
        return fixed
    return lambda variables: fixed + sum(cost(variables) for cost in reckoned)


def times(items: Cost, each: Cost) -> Cost:
    """So many of these."""
    if isinstance(items, int):
        return items * each if isinstance(each, int) else lambda variables: items * each(variables)
    return (
        (lambda variables: items(variables) * each)
        if isinstance(each, int)
        else lambda variables: items(variables) * each(variables)
    )


def dearest(costs: Sequence[Cost]) -> Cost:
    """The one that costs most."""
    fixed = max((cost for cost in costs if isinstance(cost, int)), default=0)
    reckoned = [cost for cost in dict.fromkeys(costs) if not isinstance(cost, int)]
    if not reckoned:
        return fixed
    if len(reckoned) == 1 and not fixed:
        return reckoned[0]
    return lambda variables: max(fixed, *(cost(variables) for cost in reckoned))


def _is_list(field: GraphQLField) -> bool:
    type_ = field.type
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def _whole(value: Any) -> int | None:
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _length(value: Any) -> int | None:
    if value is None or value is Undefined:
        return None
    return len(value) if isinstance(value, list) else 1

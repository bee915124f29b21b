"""Variables and arguments: coerced by the types of the schema, constants once, the rest as graphql-core does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values

if TYPE_CHECKING:
    from execution.running import Run

Arguments = dict[str, Any]
NO_VARIABLES: Final = VariableValues({}, {})


def arguments_of(field: GraphQLField, node: FieldNode) -> Callable[[Run], Arguments]:
    """How a run gets the arguments of a field: a new mapping each time, which a resolver may keep or change."""
    given = {argument.name.value: argument for argument in node.arguments or ()}
    if not field.args and not given:
        return no_arguments
    direct = {name: argument.value for name, argument in given.items() if isinstance(argument.value, VariableNode)}
    others = [argument for name, argument in given.items() if name not in direct]
    if any(_has_variable(argument.value) for argument in others) or not direct.keys() <= field.args.keys():
        return _as_reference(field, node)
    try:
        constants = _constants(field, node, others, without=set(direct))
    except Exception:  # whatever a scalar raises is raised again in the run, at its path
        return _as_reference(field, node)
    return _mixed(field, node, constants, direct) if direct else Constant(constants)


@dataclass(frozen=True, slots=True)
class Constant:
    """Arguments that are the same in every run."""

    values: Arguments

    def __call__(self, _: Run) -> Arguments:
        """The arguments, for this call alone."""
        values: Arguments = fresh(self.values)
        return values

    @property
    def are_immutable(self) -> bool:
        """Whether they may be shared by calls."""
        return not any(type(value) in {dict, list} for value in self.values.values())


def no_arguments(_: Run) -> Arguments:
    """For the fields that take none."""
    return {}


def fresh(value: Any) -> Any:
    """The same constant in containers of its own."""
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    if type(value) is list:
        return [fresh(item) for item in value]
    return value


def _as_reference(field: GraphQLField, node: FieldNode) -> Callable[[Run], Arguments]:
    return lambda run: get_argument_values(field, node, run.variables)


def _constants(field: GraphQLField, node: FieldNode, nodes: list[ArgumentNode], *, without: set[str]) -> Arguments:
    constant = GraphQLField(
        field.type, args={name: argument for name, argument in field.args.items() if name not in without}
    )
    return get_argument_values(constant, FieldNode(name=node.name, arguments=tuple(nodes)), NO_VARIABLES)


def _mixed(
    field: GraphQLField, node: FieldNode, constants: Arguments, direct: dict[str, VariableNode]
) -> Callable[[Run], Arguments]:
    """Arguments that are constants or whole variables, in the order in which the field declares them."""
    parts: list[tuple[str, str | None, bool]] = []
    for name, argument in field.args.items():
        out_name = argument.out_name or name
        if name in direct:
            parts.append((out_name, direct[name].name.value, is_non_null_type(argument.type)))
        elif out_name in constants:
            parts.append((out_name, None, False))

    def read(run: Run) -> Arguments:
        coerced = run.variables.coerced
        arguments: Arguments = {}
        for out_name, variable, non_null in parts:
            if variable is None:
                arguments[out_name] = fresh(constants[out_name])
                continue
            value = coerced.get(variable, Undefined)
            if value is Undefined or (value is None and non_null):
                return get_argument_values(field, node, run.variables)
            arguments[out_name] = value
        return arguments

    return read


def _has_variable(value: ValueNode) -> bool:
    return any(isinstance(node, VariableNode) for node in _values(value))


def _values(value: ValueNode) -> Iterator[ValueNode]:
    yield value
    if isinstance(value, ListValueNode):
        for item in value.values:
            yield from _values(item)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from _values(field.value)

"""Every document that the tests send answers on the compiler what it answers on graphql-core.

What the resolvers of the API answer is shown by the whole suite in both modes; here the same documents meet data of the
right types that is partly late, null or at fault, which a database never gives.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, Final
from zlib import crc32

import graphql
import pytest
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
    print_schema,
    type_from_ast,
    validate,
)
from graphql.pyutils import is_awaitable

from execution.execute import execute, plan_of
from resolvers import executable_schema

TESTS: Final = Path(__file__).parents[1]
CLIENTS: Final = TESTS / "clients"
# How many values of a hundred are late, and how many are at fault.
WORLDS: Final = ((0, 0), (0, 6), (10, 6), (40, 3))
LEAVES: Final[dict[str, tuple[Any, ...]]] = {
    "Boolean": (True, False),
    "Float": (1.5, 2.0),
    "Int": (1, -3, 2**31 - 1),
    "String": ("text", ""),
    "ID": ("id", "7"),
}
# graphql-core, too, leaves coroutines unawaited that it cancels before they began.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


class Parent(Mapping[str, Any]):
    """An object of a type; what a field of it holds depends on the seed and the place alone."""

    def __init__(self, schema: GraphQLSchema, type_: GraphQLObjectType, place: str, late: int, faulty: int) -> None:
        self.schema, self.type, self.place, self.late, self.faulty = schema, type_, place, late, faulty

    def __getitem__(self, name: str) -> Any:
        if name == "__typename":
            return self.type.name
        place = f"{self.place}.{name}"
        value = self._value(self.type.fields[name].type, place)
        return Later(value) if Random(crc32(f"{place}?".encode())).randrange(100) < self.late else value

    def _value(self, type_: Any, place: str) -> Any:
        dice = Random(crc32(place.encode()))
        if dice.randrange(100) < self.faulty:
            return dice.choice((None, ValueError(f"no {place}"), GraphQLError("refused"), object, [], {"a": 1}))
        if not is_non_null_type(type_) and dice.randrange(5) == 0:
            return None
        type_ = get_nullable_type(type_)
        if is_list_type(type_):
            return [self._value(type_.of_type, f"{place}.{n}") for n in range(dice.randrange(4))]
        if is_leaf_type(type_):
            return dice.choice(list(type_.values) if is_enum_type(type_) else LEAVES.get(type_.name, ("text",)))
        possible = self.schema.get_possible_types(type_) if graphql.is_abstract_type(type_) else [type_]
        return Parent(self.schema, dice.choice(sorted(possible, key=str)), place, self.late, self.faulty)

    def __iter__(self) -> Iterator[str]:
        return iter(self.type.fields)

    def __len__(self) -> int:
        return len(self.type.fields)


class Later:
    """What has to be awaited. No coroutine: an engine may look twice at what is merely read, and await it once."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[None, None, Any]:
        yield
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def texts() -> Iterator[str]:
    """Every text of the tests that might be a document: constants, commands, and what modules put together."""
    for path in sorted(TESTS.rglob("*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "command":
                yield command_text([each.value for each in node.args[:2] if isinstance(each, ast.Constant)])
        if CLIENTS in path.parents:
            continue  # programs that run beside a generated client, which is not there when they are read
        module = import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))
        yield from (value for value in vars(module).values() if isinstance(value, str))


def command_text(named: list[Any]) -> str:
    """What `Api.command` sends for a field and its selection."""
    if len(named) != 2:
        return ""
    field, selection = named
    kind = field[0].upper() + field[1:] + "Input"
    return f"mutation($input: {kind}!) {{ {field}(input: $input) {{ {selection} errors {{ code message path }} }} }}"


def documents(schema: GraphQLSchema) -> Iterator[tuple[DocumentNode, OperationDefinitionNode]]:
    """The valid ones among them, by their operations."""
    for text in dict.fromkeys(text for text in texts() if "{" in text):
        try:
            document = parse(text)
        except GraphQLError:
            continue
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if operations and not validate(schema, document):
            for operation in operations:
                yield document, operation


def given(schema: GraphQLSchema, operation: OperationDefinitionNode) -> dict[str, Any]:
    """A value for each variable that has to have one."""
    declared = {d.variable.name.value: type_from_ast(schema, d.type) for d in operation.variable_definitions or ()}
    return {name: _input(type_) for name, type_ in declared.items() if is_non_null_type(type_)}


def _input(type_: Any) -> Any:
    type_ = get_nullable_type(type_)
    if is_list_type(type_):
        return [_input(type_.of_type)]
    if is_input_object_type(type_):
        assert isinstance(type_, GraphQLInputObjectType)
        fields = {name: field.type for name, field in type_.fields.items() if is_non_null_type(field.type)}
        return {name: _input(one) for name, one in fields.items()}
    return next(iter(type_.values)) if is_enum_type(type_) else LEAVES.get(type_.name, ("text",))[0]


async def answered(engine: Any, *asked: Any) -> tuple[str, list[str]]:
    result = engine(*asked)
    found: ExecutionResult = await result if is_awaitable(result) else result
    return repr(found.data), [f"{error.message} {error.path} {error.locations}" for error in found.errors or []]


async def test_every_document_of_the_tests_answers_the_same_on_both() -> None:
    schema = build_schema(print_schema(executable_schema.build_schema()._schema))
    compared = 0
    for document, operation in documents(schema):
        name = operation.name.value if operation.name else None
        variables, root = given(schema, operation), schema.get_root_type(operation.operation)
        assert root is not None
        for seed in range(8):
            parent = Parent(schema, root, f"{seed}", *WORLDS[seed % len(WORLDS)])
            asked = (schema, document, parent, None, variables, name)
            assert await answered(execute, *asked) == await answered(graphql.execute, *asked)
        compared += plan_of(schema, document, name) is not None

    assert compared >= 85

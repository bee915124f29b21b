"""The API's own descriptions, taken from the docstrings that stand beside the code."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition


def describe(schema: GraphQLSchema) -> None:
    """Give every type, field and enum value without a description the docstring written below it."""
    for graphql_type in schema.type_map.values():
        definition = (graphql_type.extensions or {}).get("strawberry-definition")
        if isinstance(definition, StrawberryObjectDefinition):
            assert isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
            _describe_fields(graphql_type, definition)
        elif isinstance(definition, StrawberryEnumDefinition) and isinstance(graphql_type, GraphQLEnumType):
            notes = attribute_docs(definition.wrapped_cls)
            for name, value in graphql_type.values.items():
                value.description = value.description or notes.get(name)


def _describe_fields(graphql_type: Any, definition: StrawberryObjectDefinition) -> None:
    graphql_type.description = graphql_type.description or _own_doc(definition.origin)
    notes: dict[str, str] = {}
    for ancestor in reversed(definition.origin.__mro__[:-1]):
        notes |= attribute_docs(ancestor)
    for field in graphql_type.fields.values():
        python_name = getattr(field.extensions.get("strawberry-definition"), "python_name", "")
        field.description = field.description or notes.get(python_name)


def _own_doc(origin: type) -> str | None:
    """The class docstring; not the signature that a dataclass puts there when nothing is written."""
    doc = inspect.getdoc(origin)
    return None if doc is None or doc.startswith(f"{origin.__name__}(") else doc


@cache
def attribute_docs(owner: type) -> dict[str, str]:
    """The string that stands under each attribute and in each method of a class, by its name."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    except (OSError, TypeError, SyntaxError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    methods = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    notes = {method.name: doc for method in methods if (doc := ast.get_docstring(method))}
    for statement, below in zip(body, body[1:], strict=False):
        name = _assigned_name(statement)
        if name and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            notes[name] = inspect.cleandoc(str(below.value.value))
    return notes


def _assigned_name(statement: ast.stmt) -> str | None:
    target = statement.target if isinstance(statement, ast.AnnAssign) else None
    if isinstance(statement, ast.Assign):
        target = statement.targets[0] if isinstance(statement.targets[0], ast.Name) else None
    return target.id if isinstance(target, ast.Name) else None

"""The API's own descriptions, taken from the docstrings that stand beside the code."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.abc import InspectLoader
from types import MappingProxyType
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from strawberry.schema_directive import StrawberrySchemaDirective
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.utils.str_converters import to_camel_case

# Arguments that mean the same wherever they stand; others say it with `strawberry.argument(description=…)`.
ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "after": "The `nextCursor` of the page before.",
        "fileId": "A bank file's.",
        "first": "How many, 1 to 50; 20 when nothing is said.",
        "id": "As other answers give it.",
        "ids": "As other answers give them; at most 50.",
        "keys": "Which settings; all that you may read when left out.",
        "language": "ISO 639-1, for example `sw`.",
        "listingId": "One that you may see.",
        "merchantId": "One of your own, where it is not only to choose whose.",
        "orderId": "One that you bought or sold.",
        "paymentId": "One of your own.",
        "parentId": "The category above; left out for the roots.",
        "payoutId": "One of your own.",
        "format": "As a drawing or as a picture.",
        "point": "The middle of the circle.",
        "qrId": "One of your own; all of them when left out, where it may be.",
        "radiusMetres": "How far from the middle, 1 to 50000.",
        "runId": "As `reconciliationRuns` gives it.",
        "since": "The first instant that counts.",
        "snapshot": "Whether the present state comes first; not behind `after`.",
        "statementId": "As `payoutStatements` gives it.",
        "statuses": "Only those in these states.",
        "tipId": "One that you give, or were given.",
        "until": "The first instant that counts no more.",
        "userId": "As `users` gives it.",
        "walletId": "One of your own.",
    }
)
STREAM_ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {**ARGUMENTS, "after": "A cursor of this stream: what followed it is told first."}
)


def describe(schema: GraphQLSchema) -> None:
    """Give every type, field, argument and enum value without a description the docstring written below it."""
    for graphql_type in schema.type_map.values():
        definition = (graphql_type.extensions or {}).get("strawberry-definition")
        if isinstance(definition, StrawberryObjectDefinition):
            assert isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
            _describe_fields(graphql_type, definition)
        elif isinstance(definition, StrawberryEnumDefinition) and isinstance(graphql_type, GraphQLEnumType):
            notes = attribute_docs(definition.wrapped_cls)
            for name, value in graphql_type.values.items():
                value.description = value.description or notes.get(name)
    _describe_all_arguments(schema)


def _describe_fields(graphql_type: Any, definition: StrawberryObjectDefinition) -> None:
    graphql_type.description = graphql_type.description or _own_doc(definition.origin)
    notes: dict[str, str] = {}
    for ancestor in reversed(definition.origin.__mro__[:-1]):
        notes |= attribute_docs(ancestor)
    for field in graphql_type.fields.values():
        python_name = getattr(field.extensions.get("strawberry-definition"), "python_name", "")
        field.description = field.description or notes.get(python_name)


def _describe_all_arguments(schema: GraphQLSchema) -> None:
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType) and graphql_type.name[:2] != "__":
            known = STREAM_ARGUMENTS if graphql_type is schema.subscription_type else ARGUMENTS
            for field in graphql_type.fields.values():
                _describe_arguments(field.args, known)
    for directive in schema.directives:
        declared = directive.extensions.get("strawberry-definition")
        if isinstance(declared, StrawberrySchemaDirective) and declared.origin is not None:
            notes = attribute_docs(declared.origin).items()
            _describe_arguments(directive.args, {to_camel_case(name): note for name, note in notes})


def _describe_arguments(arguments: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """By their names; what is of a type of ours takes that type's words."""
    for name, argument in arguments.items():
        named = get_named_type(argument.type)
        is_ours = isinstance(named, GraphQLInputObjectType | GraphQLEnumType)
        argument.description = argument.description or known.get(name) or (named.description if is_ours else None)


def _own_doc(origin: type) -> str | None:
    """The class docstring; not the signature that a dataclass puts there when nothing is written."""
    doc = inspect.getdoc(origin)
    return None if doc is None or doc.startswith(f"{origin.__name__}(") else doc


def attribute_docs(owner: type) -> Mapping[str, str]:
    """The string that stands under each attribute and in each method of a class, by its name."""
    return _docs_in(owner.__module__).get(owner.__qualname__, {})


@cache
def _docs_in(module: str) -> Mapping[str, Mapping[str, str]]:
    """What stands in every class of a module, by its qualified name; nothing where the module has no source."""
    # `inspect.getsource` would parse the whole module for each of its classes, and keep every line for ever.
    loader = getattr(sys.modules[module], "__loader__", None)
    source = loader.get_source(module) if isinstance(loader, InspectLoader) else None
    return {} if source is None else dict(_docs_below(ast.parse(source), ""))


def _docs_below(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, _docs_of(node.body)
            yield from _docs_below(node, f"{prefix}{node.name}.")


def _docs_of(body: list[ast.stmt]) -> Mapping[str, str]:
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

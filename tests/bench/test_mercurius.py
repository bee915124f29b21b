"""The server that we are compared with speaks a part of our own schema."""

from __future__ import annotations

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from bench import documents
from bench.node import SOURCES
from bench.root import ROOT


def test_its_types_fields_and_arguments_are_ours() -> None:
    ours, theirs = _schemas()

    strange = [
        difference
        for name, kind in theirs.type_map.items()
        if not name.startswith("__")
        for difference in _beyond(kind, ours.type_map.get(name))
    ]

    assert strange == []


def test_both_schemas_take_every_document_of_the_comparison() -> None:
    ours, theirs = _schemas()
    asked = (documents.MARKET, documents.ONE_LISTING, documents.WALLET, documents.PAY, documents.LISTEN)

    faults = [fault for text in asked for schema in (theirs, ours) for fault in validate(schema, parse(text))]

    assert faults == []


def _schemas() -> list[GraphQLSchema]:
    files = ROOT / "schema" / "schema.graphql", SOURCES / "schema.graphql"
    return [build_schema(file.read_text()) for file in files]


def _beyond(kind: GraphQLNamedType, ours: GraphQLNamedType | None) -> list[str]:
    """What it has and we have not, or have otherwise."""
    if type(kind) is not type(ours):
        return [kind.name]
    match kind, ours:
        case GraphQLEnumType(values=values), GraphQLEnumType(values=known):
            return [f"{kind.name}.{value}" for value in values if value not in known]
        case GraphQLInputObjectType(fields=given), GraphQLInputObjectType(fields=taken):
            return [f"{kind.name}.{name}" for name in given if str(given[name].type) != str(taken[name].type)]
        case (GraphQLObjectType() | GraphQLInterfaceType(), GraphQLObjectType() | GraphQLInterfaceType()):
            return [
                f"{kind.name}.{name}"
                for name, field in kind.fields.items()
                if (known := ours.fields.get(name)) is None
                or str(field.type) != str(known.type)
                or any(str(given.type) != str(known.args[word].type) for word, given in field.args.items())
            ]
    return []

"""What every operation and every type of the API owes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from graphql.type import GraphQLEnumType, is_introspection_type, is_specified_scalar_type

from domain.errors import refusals
from resolvers.executable_schema import build_schema
from resolvers.loaders import Loaders, batched
from schema.access import AccessDirective
from schema.errors import ERROR_OF, MEMBERS
from schema.fields import Edge, mutation, query, subscription


@pytest.fixture(scope="module")
def graphql_schema() -> GraphQLSchema:
    return build_schema()._schema


def fields_of(graphql_type: Any) -> Iterator[tuple[str, GraphQLField]]:
    for name, field in graphql_type.fields.items():
        yield f"{graphql_type.name}.{name}", field


def own_types(schema: GraphQLSchema) -> Iterator[Any]:
    for graphql_type in schema.type_map.values():
        if not is_introspection_type(graphql_type) and not is_specified_scalar_type(graphql_type):
            yield graphql_type


def test_every_operation_states_who_may_call_it(graphql_schema: GraphQLSchema) -> None:
    roots = (graphql_schema.query_type, graphql_schema.mutation_type, graphql_schema.subscription_type)
    operations = [found for root in roots if root for found in fields_of(root)]
    silent = [
        name
        for name, field in operations
        if not any(
            isinstance(directive, AccessDirective) for directive in field.extensions["strawberry-definition"].directives
        )
    ]

    assert silent == []
    assert len(operations) >= 45


@pytest.mark.parametrize("declare", [query, mutation, subscription])
def test_an_operation_without_access_cannot_be_declared(declare: Any) -> None:
    with pytest.raises(TypeError, match="access"):
        declare()


def test_every_mutation_takes_one_input_and_answers_a_payload(graphql_schema: GraphQLSchema) -> None:
    assert graphql_schema.mutation_type is not None
    for name, field in graphql_schema.mutation_type.fields.items():
        stem = name[0].upper() + name[1:]
        assert str(field.type) == f"{stem}Payload!", name
        assert [str(argument.type) for argument in field.args.values()] in ([f"{stem}Input!"], []), name
        payload = graphql_schema.type_map[f"{stem}Payload"]
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["errors"].type) == "[UserError!]!", name


def test_every_refusal_has_its_member() -> None:
    members = {member.__name__ for member in MEMBERS}

    without = [kind.__name__ for kind in refusals() if not any(parent in ERROR_OF for parent in kind.__mro__)]

    assert without == ["DomainError"]
    assert members >= {"ValidationError", "NotFoundError", "ConflictError", "InsufficientFundsError", "RateLimitError"}


def test_every_edge_has_its_loader(graphql_schema: GraphQLSchema) -> None:
    loaders = {name for name, part in vars(Loaders).items() if isinstance(part, batched)}
    edges = {
        name: field.extensions["strawberry-definition"].metadata["edge"]
        for graphql_type in own_types(graphql_schema)
        if isinstance(graphql_type, GraphQLObjectType)
        for name, field in fields_of(graphql_type)
        if "edge" in field.extensions["strawberry-definition"].metadata
    }

    assert "Listing.seller" in edges
    assert {name: edge for name, edge in edges.items() if edge.loader not in loaders} == {}
    assert all(isinstance(edge, Edge) for edge in edges.values())


def test_nothing_of_the_api_is_without_a_description(graphql_schema: GraphQLSchema) -> None:
    silent = []
    for graphql_type in own_types(graphql_schema):
        if not graphql_type.description:
            silent.append(graphql_type.name)
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            silent += [name for name, field in fields_of(graphql_type) if not field.description]
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType):
            silent += [
                f"{name}({word}:)"
                for name, field in fields_of(graphql_type)
                for word, argument in field.args.items()
                if not argument.description
            ]
        if isinstance(graphql_type, GraphQLEnumType):
            silent += [f"{graphql_type.name}.{n}" for n, value in graphql_type.values.items() if not value.description]

    assert silent == []

"""What holds for the items of every subscription."""

from __future__ import annotations

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type, is_leaf_type, parse, validate


def item_unions(schema: GraphQLSchema) -> dict[str, GraphQLUnionType]:
    assert schema.subscription_type is not None
    unions = {}
    for name, field in schema.subscription_type.fields.items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType), f"{name} answers no union"
        unions[name] = union
    return unions


def leaves(member: GraphQLObjectType) -> str:
    return " ".join(name for name, field in member.fields.items() if is_leaf_type(get_named_type(field.type)))


def test_every_stream_tells_gaps_and_heartbeats_and_begins_with_a_snapshot(schema: strawberry.Schema) -> None:
    for name, union in item_unions(schema._schema).items():
        members = {member.name for member in union.types}
        assert {"StreamGap", "StreamHeartbeat"} < members, name
        assert any(member.endswith("Snapshot") for member in members), name


def test_every_item_carries_a_cursor(schema: strawberry.Schema) -> None:
    for union in item_unions(schema._schema).values():
        for member in union.types:
            cursors = [f for f in member.fields.values() if str(f.type) == "StreamCursor!"]
            assert len(cursors) == 1, member.name


def test_what_happened_is_a_domain_event(schema: strawberry.Schema) -> None:
    for union in item_unions(schema._schema).values():
        for member in union.types:
            is_event = any(interface.name == "DomainEvent" for interface in member.interfaces)
            assert is_event == (not member.name.startswith("Stream") and not member.name.endswith("Snapshot"))


def test_all_members_can_be_asked_for_without_aliases(schema: strawberry.Schema) -> None:
    subscriptions = schema._schema.subscription_type
    assert subscriptions is not None
    for name, union in item_unions(schema._schema).items():
        needed = [argument for argument, given in subscriptions.fields[name].args.items() if str(given.type) == "ID!"]
        header, given = ("($id: ID!)", f"({needed[0]}: $id)") if needed else ("", "")
        parts = " ".join(f"... on {member.name} {{ {leaves(member)} }}" for member in union.types)

        assert validate(schema._schema, parse(f"subscription{header} {{ {name}{given} {{ {parts} }} }}")) == []

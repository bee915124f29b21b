"""The documents of our own apps are valid, have one operation each, and are compiled before anybody asks."""

from __future__ import annotations

from typing import Any

import orjson
import strawberry
from graphql import OperationDefinitionNode, parse

from app.documents import trusted_documents
from execution.execute import EXTENSION
from execution.mode import ExecutionMode
from resolvers.executable_schema import build_schema
from transport.asking import asked_in
from transport.operations import Operations
from transport.preparing import id_of


def plans_of(schema: strawberry.Schema) -> Any:
    return schema._schema.extensions[EXTENSION].recent


def test_every_trusted_document_has_a_plan_from_the_start() -> None:
    schema, texts = build_schema(), trusted_documents()
    operations = Operations(schema, mode=ExecutionMode.COMPILED)

    operations.trust(texts)

    assert len(texts) >= 6
    assert len(plans_of(schema)) == len(texts)
    assert all(operations.prepared.find_trusted(id_of(text)) for text in texts)


def test_each_holds_one_named_operation() -> None:
    for text in trusted_documents():
        named = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
        assert [bool(node.name) for node in named] == [True]


async def test_a_trusted_document_is_asked_for_by_its_id_and_an_unknown_id_is_refused() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def doubled(self, number: int) -> int:
            return 2 * number

    operations = Operations(strawberry.Schema(Query))
    text = "query Twice($n: Int!) { doubled(number: $n) }"
    operations.trust([text])

    found = await operations.execute(asked_in({"documentId": id_of(text), "variables": {"n": 21}}), None)
    lost = await operations.execute(asked_in({"documentId": id_of("{ __typename }")}), None)
    disguised = await operations.execute(asked_in({"documentId": text}), None)

    assert orjson.loads(found.body) == {"data": {"doubled": 42}}
    for refused in (lost, disguised):
        assert not refused.has_run
        assert orjson.loads(refused.body)["errors"][0]["extensions"] == {"code": "PERSISTED_OPERATION_NOT_FOUND"}

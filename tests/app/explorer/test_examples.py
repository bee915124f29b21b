"""The explorer's examples fit the contract, so that a change of it cannot leave one behind."""

from __future__ import annotations

import re
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, get_operation_ast, get_variable_values, parse, validate

from app.demo import PEOPLE
from app.explorer.building import EXAMPLES
from resolvers.executable_schema import build_schema
from tests.app.explorer.examples import FLOWS, Example, examples

LABELS = {person.label for person in PEOPLE}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()._schema


def places(value: Any) -> set[str]:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {place for part in parts for place in places(part)}
    return set(re.findall(r"<([^>]+)>", value)) if isinstance(value, str) else set()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_it_is_one_valid_named_operation_with_fitting_variables(schema: GraphQLSchema, example: Example) -> None:
    document = parse(example.text)
    operation = get_operation_ast(document)
    assert isinstance(operation, OperationDefinitionNode), "there is one operation"

    values: object = get_variable_values(schema, list(operation.variable_definitions or ()), example.variables)

    assert validate(schema, document) == []
    assert operation.name is not None
    assert not isinstance(values, list), "faults, as graphql-core tells them"


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_whoever_acts_and_whatever_is_filled_in_is_known(example: Example) -> None:
    of_people = {f"{label}.{field}" for label in LABELS for field in ("userId", "walletId")}

    assert example.person is None or example.person in LABELS
    assert places(example.variables) <= {*FLOWS["ids"], "new word"} | of_people


def test_what_is_looked_for_is_asked_by_valid_documents(schema: GraphQLSchema) -> None:
    for sought in FLOWS["ids"].values():
        assert validate(schema, parse(sought["document"])) == []
        assert sought.get("as") is None or sought["as"] in LABELS
        assert places(sought.get("variables", {})) <= {*FLOWS["ids"], "new word"}


def test_no_document_is_without_its_example_and_no_title_comes_twice() -> None:
    used = {written["document"] for flow in FLOWS["flows"] for written in flow["examples"] if "document" in written}
    titles = [example.title for example in examples()]

    assert {path.stem for path in EXAMPLES.glob("*.graphql")} == used
    assert len(set(titles)) == len(titles) >= 30

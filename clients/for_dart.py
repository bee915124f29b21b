"""What graphql_codegen and ferry read to make Dart: schema and documents, in the folder that `build.yaml` names.

There is no Dart here, so what their generators would refuse is looked for beforehand.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Final

from graphql import FragmentDefinitionNode, GraphQLScalarType, OperationDefinitionNode, build_schema, parse, validate
from graphql.type import is_specified_scalar_type

from app.contract.released import DOCUMENTS, NOW, document_texts

CONFIGURATIONS: Final = ("build.yaml", "build.ferry.yaml")


class NotForDart(Exception):
    """The generators would refuse it."""


def write_dart(package: Path) -> None:
    """Put the generators' input in its place.

    Raises:
        NotForDart: a document is not valid, a name comes twice, or a scalar has no type.
    """
    if faults := faults_for_dart(package):
        raise NotForDart("\n".join(faults))
    folder = package / "lib" / "graphql"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCUMENTS, folder)
    shutil.copy(NOW, folder / "schema.graphql")


def faults_for_dart(package: Path) -> list[str]:
    """Why the generators would refuse the documents or the schema."""
    schema = build_schema(NOW.read_text())
    parsed = [parse(text) for text in document_texts()]
    invalid = [fault.message for document in parsed for fault in validate(schema, document)]
    # Both make one class for a name, whatever file it stands in.
    names = Counter(
        definition.name.value
        for document in parsed
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode) and definition.name
    )
    twice = [f"{name} names two operations or fragments." for name, count in names.items() if count > 1]
    untyped = [
        f"{file} has no type for the scalar {name}."
        for file in CONFIGURATIONS
        for name in sorted(own_scalars() - mapped_in((package / file).read_text()))
    ]
    return [*invalid, *twice, *untyped]


def own_scalars() -> set[str]:
    """The scalars that GraphQL does not bring."""
    return {
        name
        for name, kind in build_schema(NOW.read_text()).type_map.items()
        if isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)
    }


def mapped_in(configuration: str) -> set[str]:
    """The scalars that a `build.yaml` gives a type."""
    return set(re.findall(r"^ +([A-Z]\w+):$", configuration, re.MULTILINE))

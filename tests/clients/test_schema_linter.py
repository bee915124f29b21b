"""Faults planted into a schema and a document: the linter names each by its rule and line."""

from __future__ import annotations

import re
from pathlib import Path

from app.contract.linting import faults_in
from app.contract.released import DOCUMENTS, NOW
from app.node import locked_node

FAULTY = '''
"""What can be asked."""
type Query {
  """Goods."""
  goods(
    """How many."""
    first: Int
  ): GoodConnection!
  """Badly named."""
  Good_one: Good
  silent: Int
}
"""A page."""
type GoodConnection {
  """The items."""
  edges: [Good!]!
  """Where it stands."""
  pageInfo: PageInfo
}
"""Relay's."""
type PageInfo {
  """More."""
  hasNextPage: Boolean!
}
"""A good."""
type Good {
  """Old."""
  name: String @deprecated(reason: "use title")
  """Older."""
  label: String @deprecated(reason: "use title; removal on or after 2027-04-01")
  """A colour."""
  colour(
    of: String
  ): Colour
}
"""Colours."""
enum Colour {
  """Red."""
  Red
}
"""Nobody leads here."""
type Lost {
  """Where."""
  at: Int
}
"""What is commanded."""
type Mutation {
  """Make one."""
  goodCreate(
    """How."""
    given: GoodInput!
  ): Boolean
}
"""How to make one."""
input GoodInput {
  """Its title."""
  title: String
}
'''
EXPECTED = {
    "graphql/input-name",
    "graphql/naming-convention",
    "graphql/no-scalar-result-type-on-mutation",
    "graphql/no-unreachable-types",
    "graphql/relay-arguments",
    "graphql/relay-connection-types",
    "graphql/relay-edge-types",
    "graphql/relay-page-info",
    "graphql/require-description",
    "sokoni/dated-deprecation",
}


def test_our_schema_and_documents_are_without_fault() -> None:
    assert faults_in(NOW, DOCUMENTS, node=locked_node()) == ""


def test_each_planted_fault_is_named_by_its_rule(tmp_path: Path) -> None:
    (tmp_path / "schema.graphql").write_text(FAULTY)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "one.graphql").write_text("query ($unused: Int) { silent }")

    told = faults_in(tmp_path / "schema.graphql", tmp_path / "documents", node=locked_node())

    rules = set(re.findall(r"(?:graphql|sokoni)/[a-z-]+", told))
    assert rules >= EXPECTED | {"graphql/no-anonymous-operations", "graphql/no-unused-variables"}
    dated = [line for line in told.splitlines() if "sokoni/dated-deprecation" in line]
    assert [int(line.split(":")[0]) for line in dated] == [FAULTY[: FAULTY.index('"use title")')].count("\n") + 1]

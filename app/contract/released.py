"""What was released, as files: `schema/released/`. Changes are judged by it, and a release renews it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from graphql import GraphQLSchema, build_schema, parse, validate

from app.contract.changes import Change, changes_between
from app.contract.excuses import unexcused
from app.contract.manifest import manifest_of, operations_in

ROOT: Final = Path(__file__).parents[2]
NOW: Final = ROOT / "schema" / "schema.graphql"
DOCUMENTS: Final = ROOT / "schema" / "documents"
RELEASED: Final = ROOT / "schema" / "released"
CHANGELOG: Final = ROOT / "CHANGELOG.md"


def diff() -> int:
    """Say what changed since the release; the exit status is 1 when clients would break that were not told."""
    changes, faults = judged(today=datetime.now(UTC).date())
    for change in changes:
        sys.stdout.write(f"{change}\n")
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if not changes and not faults:
        sys.stdout.write("Nothing changed for clients that were there at the last release.\n")
    return 1 if faults else 0


def release() -> int:
    """Make today's schema and documents what clients are promised; refused while a change breaks them unannounced."""
    _, faults = judged(today=datetime.now(UTC).date())
    if faults:
        sys.stderr.write("\n".join([*faults, "Nothing was released.\n"]))
        return 1
    (RELEASED / "schema.graphql").write_text(NOW.read_text())
    kept = {**released_operations(), **operations_in(document_texts())}
    (RELEASED / "operations.json").write_text(json.dumps(manifest_of(kept), indent=2, ensure_ascii=False) + "\n")
    return 0


def judged(*, today: date) -> tuple[list[Change], list[str]]:
    """Every change that clients may feel, and why some may not be made."""
    released, now = build_schema((RELEASED / "schema.graphql").read_text()), build_schema(NOW.read_text())
    changes = changes_between(released, now)
    unannounced = unexcused(changes, released=released, changelog=CHANGELOG.read_text(), today=today)
    faults = [f"{change.description} {ADVICE.format(change.coordinate)}" for change in unannounced]
    return changes, [*faults, *broken_operations(now, {**released_operations(), **operations_in(document_texts())})]


def broken_operations(schema: GraphQLSchema, operations: Mapping[str, str]) -> list[str]:
    """What the schema no longer answers of operations that clients send."""
    return [
        f"The document {id} is no longer valid: {fault.message}"
        for id, text in operations.items()
        for fault in validate(schema, parse(text), hide_suggestions=True)
    ]


def released_operations() -> dict[str, str]:
    """Id → text of every document that a released app may send."""
    manifest = json.loads((RELEASED / "operations.json").read_text())
    return {operation["id"]: operation["body"] for operation in manifest["operations"]}


def document_texts() -> list[str]:
    """The documents of our own apps as they are now, to the letter."""
    return [path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.glob("*.graphql"))]


ADVICE: Final = (
    "Release it with a deprecation that says `removal on or after YYYY-MM-DD` first, "
    "or name `{}` under Unreleased, Breaking in CHANGELOG.md."
)

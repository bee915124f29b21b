"""The files of the release, and the command that judges by them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from graphql import build_schema

from app.contract import released
from app.contract.manifest import manifest_of, operations_in
from app.contract.released import broken_operations, document_texts, judged, released_operations

LISTING = "query One($id: ID!) { listing(id: $id) { id title } }"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of a small schema, with one document, in a folder of its own."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "released").mkdir()
    (tmp_path / "documents" / "listing.graphql").write_text(LISTING)
    for name in ("schema.graphql", "released/schema.graphql"):
        (tmp_path / name).write_text(sdl("id: ID! title: String! city: String"))
    (tmp_path / "released" / "operations.json").write_text(json.dumps(manifest_of(operations_in([LISTING]))))
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n")
    monkeypatch.setattr(released, "NOW", tmp_path / "schema.graphql")
    monkeypatch.setattr(released, "DOCUMENTS", tmp_path / "documents")
    monkeypatch.setattr(released, "RELEASED", tmp_path / "released")
    monkeypatch.setattr(released, "CHANGELOG", tmp_path / "CHANGELOG.md")
    return tmp_path


def sdl(fields: str) -> str:
    return f"type Query {{ listing(id: ID!): Listing }} type Listing {{ {fields} }}"


def test_no_change_of_today_breaks_what_was_released() -> None:
    changes, faults = judged(today=datetime.now(UTC).date())

    assert faults == []
    assert len(released_operations()) >= 6
    assert all(change.description for change in changes)


def test_an_addition_is_silent(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "schema.graphql").write_text(sdl("id: ID! title: String! city: String colour: String"))

    assert released.diff() == 0
    assert capsys.readouterr().out.startswith("Nothing changed for clients")


def test_a_break_fails_and_says_what_to_do(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "schema.graphql").write_text(sdl("id: ID! title: String!"))

    assert released.diff() == 1
    told = capsys.readouterr()
    assert told.out == "breaking: Field Listing.city was removed.\n"
    assert "name `Listing.city` under Unreleased, Breaking in CHANGELOG.md" in told.err


def test_an_announced_break_passes_and_is_listed(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "schema.graphql").write_text(sdl("id: ID! title: String!"))
    (files / "CHANGELOG.md").write_text("## Unreleased\n\n### Breaking\n- `Listing.city`: nobody asked for it.\n")

    assert released.diff() == 0
    assert capsys.readouterr().out == "breaking: Field Listing.city was removed.\n"


def test_a_document_that_a_released_app_sends_may_not_break_even_announced(files: Path) -> None:
    (files / "schema.graphql").write_text(sdl("id: ID! city: String"))
    (files / "documents" / "listing.graphql").write_text("query One($id: ID!) { listing(id: $id) { id } }")
    (files / "CHANGELOG.md").write_text("## Unreleased\n\n### Breaking\n- `Listing.title`: gone.\n")

    _, faults = judged(today=date(2027, 1, 1))

    (id,) = released_operations()
    assert faults == [f"The document {id} is no longer valid: Cannot query field 'title' on type 'Listing'."]


def test_a_release_is_refused_while_it_breaks_untold(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "schema.graphql").write_text(sdl("id: ID! title: String!"))
    before = (files / "released" / "schema.graphql").read_text()

    assert released.release() == 1
    assert "Nothing was released." in capsys.readouterr().err
    assert (files / "released" / "schema.graphql").read_text() == before


def test_a_release_promises_today_and_keeps_the_documents_of_older_apps(files: Path) -> None:
    newer = "query One($id: ID!) { listing(id: $id) { id title city } }"
    (files / "documents" / "listing.graphql").write_text(newer)
    (files / "schema.graphql").write_text(sdl("id: ID! title: String! city: String colour: String"))

    assert released.release() == 0
    assert (files / "released" / "schema.graphql").read_text() == (files / "schema.graphql").read_text()
    assert set(released_operations().values()) == {LISTING, newer}


def test_every_document_of_ours_is_in_a_manifest_that_names_and_types_it() -> None:
    manifest = manifest_of(operations_in(document_texts()))

    assert (manifest["format"], manifest["version"]) == ("apollo-persisted-query-manifest", 1)
    kinds = {operation["name"]: operation["type"] for operation in manifest["operations"]}
    assert kinds["Market"] == "query"
    assert (kinds["TransferCreate"], kinds["WalletEvents"]) == ("mutation", "subscription")


def test_a_valid_document_is_not_broken() -> None:
    assert broken_operations(build_schema(sdl("id: ID! title: String!")), {"one": LISTING}) == []

"""`sokoni operations`: manifests are registered from files, and a schema is tried on all that is active."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.contract.manifest import manifest_of, operations_in
from app.documents import trusted_documents
from app.generated import ROOT
from tests.makers.manifests import FLAGS, ME, apollo, codegen, digest_of, relay

SDL = ROOT / "schema" / "schema.graphql"


class Sokoni:
    """The command line, on a database of the test's own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    async def run(self, *words: str) -> tuple[int, list[str], list[str]]:
        """The exit status, and the lines of both outputs."""
        status = await asyncio.to_thread(main, ["operations", *words])
        told = self._capsys.readouterr()
        return status, told.out.splitlines(), told.err.splitlines()

    def file(self, name: str, content: Any) -> str:
        """A file of this name; what is no text is written as JSON."""
        path = self._folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)


@pytest.fixture
def sokoni(
    fresh_database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Sokoni:
    monkeypatch.setenv("SOKONI_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("SOKONI_REDIS_URL", redis_url)
    return Sokoni(tmp_path, capsys)


async def test_a_manifest_is_registered_once_however_often_and_checked(sokoni: Sokoni) -> None:
    file = sokoni.file("operations.json", apollo(ME, FLAGS))

    first = await sokoni.run("register", file)
    again = await sokoni.run("register", sokoni.file("relay.json", relay(ME)))
    listed = await sokoni.run("list", "--state", "ACTIVE")
    checked = await sokoni.run("check")

    assert (first[0], first[1][-1], first[2]) == (0, "2 operations, 2 of them new.", [])
    assert first[1][0] == f"sha256:{digest_of(ME)} Me (everybody): ACTIVE"
    assert again[1][-1] == "1 operations, 0 of them new."
    assert sorted(line.split()[1] for line in listed[1]) == ["Flags", "Me"]
    assert checked == (0, ["2 active operations, 0 of them broken."], [])


async def test_a_schema_that_breaks_one_is_named_with_it_and_fails(sokoni: Sokoni) -> None:
    await sokoni.run("register", sokoni.file("operations.json", apollo(ME, FLAGS)))
    text = SDL.read_text()
    without = text.replace("  featureFlags: [FeatureFlag!]!", "  flagsOfFeatures: [FeatureFlag!]!")
    assert without != text

    unchanged = await sokoni.run("check", "--schema", str(SDL))
    broken = await sokoni.run("check", "--schema", sokoni.file("next.graphql", without))

    assert unchanged == (0, ["2 active operations, 0 of them broken."], [])
    status, lines, _ = broken
    assert (status, len(lines), lines[-1]) == (1, 2, "2 active operations, 1 of them broken.")
    assert lines[0].startswith(f"sha256:{digest_of(FLAGS)} Flags (everybody): VALIDATION: Cannot query field")


async def test_a_draft_breaks_nothing(sokoni: Sokoni) -> None:
    await sokoni.run("register", sokoni.file("draft.json", apollo(FLAGS)), "--draft")
    gone = sokoni.file("next.graphql", "type Query { nothing: Int }")

    assert (await sokoni.run("check", "--schema", gone))[1] == ["0 active operations, 0 of them broken."]


async def test_a_faulty_file_is_told_and_nothing_is_registered(sokoni: Sokoni) -> None:
    faulty = {
        "{": "Expecting property name",
        "[]": "manifest must be a manifest of Apollo, Relay or graphql-codegen",
        json.dumps(codegen("query Me { nobody }")): "VALIDATION: Cannot query field 'nobody'",
    }

    for content, reason in faulty.items():
        status, out, error = await sokoni.run("register", sokoni.file("operations.json", content))
        assert (status, out, error[-1]) == (1, [], "Nothing was registered.")
        assert reason in error[0]
    assert (await sokoni.run("list"))[1] == []


async def test_files_that_are_not_there_are_told(sokoni: Sokoni) -> None:
    missing = await sokoni.run("register", "/nowhere.json")
    no_owner = await sokoni.run("register", sokoni.file("a.json", apollo(ME)), "--owner", "somebody")
    no_schema = await sokoni.run("check", "--schema", "/nowhere.graphql")
    not_a_schema = await sokoni.run("check", "--schema", sokoni.file("b.graphql", "type"))

    assert (missing[0], no_owner[0], no_schema[0], not_a_schema[0]) == (1, 1, 2, 2)
    assert all("Traceback" not in "\n".join(error) for _, _, error in (missing, no_owner, no_schema, not_a_schema))


async def test_the_documents_of_our_own_apps_may_be_registered_as_they_are(sokoni: Sokoni) -> None:
    manifest = manifest_of(operations_in(trusted_documents()))

    status, out, _ = await sokoni.run("register", sokoni.file("operations.json", manifest))

    count = len(manifest["operations"])
    assert (status, out[-1]) == (0, f"{count} operations, {count} of them new.")

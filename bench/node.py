"""Mercurius on the Node of the lock, installed on demand below `.venv`; its own lock says what, by hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.node import Node, locked_node
from bench.root import ROOT

FOLDER: Final = ROOT / ".venv" / "bench" / "mercurius"
SOURCES: Final = Path(__file__).with_name("mercurius")


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
    node = locked_node()
    node.install(SOURCES, FOLDER)
    return Mercurius(node, FOLDER / "server.js")

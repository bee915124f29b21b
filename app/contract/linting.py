"""The schema and the documents by the rules of graphql-eslint: descriptions, Relay, names, dated deprecations."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from app.contract.released import DOCUMENTS, NOW, ROOT
from app.node import Node, locked_node

SOURCES: Final = Path(__file__).with_name("lint")
INSTALLED: Final = ROOT / ".venv" / "lint"
SECONDS: Final = 120


def lint() -> int:
    """Say what is at fault in the schema and the documents; the exit status is 1 when something is."""
    faults = faults_in(NOW, DOCUMENTS, node=locked_node())
    sys.stderr.write(faults)
    return 1 if faults else 0


def faults_in(schema: Path, documents: Path, *, node: Node, folder: Path = INSTALLED) -> str:
    """What the linter says, by file and line; empty where nothing is at fault."""
    node.install(SOURCES, folder)
    shutil.copy(schema, folder / "schema.graphql")
    shutil.rmtree(folder / "documents", ignore_errors=True)
    shutil.copytree(documents, folder / "documents")
    linter = (node.program, "node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "schema.graphql", "documents")
    done = subprocess.run(linter, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    said = (done.stdout + done.stderr).replace(f"{folder}/", "")
    return said or "The linter failed." if done.returncode else ""

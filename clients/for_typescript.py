"""Types, typed documents and their ids for TypeScript, made by graphql-codegen and checked by the compiler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from app.contract.manifest import manifest_of, operations_in
from app.contract.released import DOCUMENTS, NOW, ROOT, document_texts
from app.node import Node

SOURCES: Final = Path(__file__).with_name("typescript")
BUILT: Final = ROOT / ".venv" / "typescript"
SECONDS: Final = 120


class NotTyped(Exception):
    """The generator or the compiler refused; what it said follows."""


def build_typescript(node: Node, folder: Path = BUILT) -> Path:
    """Generate and compile in a folder of its own; it holds `generated/` and, compiled, `built/`.

    Raises:
        NotTyped: a document, a type or a line of ours is at fault.
    """
    node.install(SOURCES, folder)
    shutil.copy(NOW, folder / "schema.graphql")
    shutil.rmtree(folder / "documents", ignore_errors=True)
    shutil.copytree(DOCUMENTS, folder / "documents")
    (folder / "operations.json").write_text(json.dumps(manifest_of(operations_in(document_texts()))))
    run_script(node, folder, "generate.mjs")
    run_script(node, folder, "node_modules/typescript/bin/tsc", "--project", ".")
    return folder


def write_typescript(node: Node, target: Path) -> None:
    """Generate, compile, and leave the generated files where apps take them from."""
    folder = build_typescript(node)
    shutil.rmtree(target / "generated", ignore_errors=True)
    shutil.copytree(folder / "generated", target / "generated")


def run_script(node: Node, folder: Path, *words: str, environment: dict[str, str] | None = None) -> str:
    """What a script printed.

    Raises:
        NotTyped: it failed.
    """
    done = subprocess.run(
        [node.program, *words],
        cwd=folder,
        env=environment or dict(os.environ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotTyped(f"{words[0]}\n{done.stdout}{done.stderr}")
    return done.stdout

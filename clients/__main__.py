"""`make clients`: TypeScript, checked by its compiler; what the generators for Dart read; the manifest of documents."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.contract.manifest import manifest_of, operations_in
from app.contract.released import ROOT, document_texts
from app.node import locked_node
from clients.for_dart import write_dart
from clients.for_typescript import write_typescript

MANIFEST = ROOT / "clients" / "operations.json"


def main() -> None:
    """Write everything anew."""
    write_manifest(MANIFEST)
    write_dart(ROOT / "clients" / "dart")
    write_typescript(locked_node(), ROOT / "clients" / "typescript")
    sys.stdout.write(
        "clients/operations.json, clients/typescript/generated/ and clients/dart/lib/graphql/ are current.\n"
    )


def write_manifest(path: Path) -> None:
    """The documents with their ids, for `operationsRegister` and for apps that send ids alone."""
    manifest = manifest_of(operations_in(document_texts()))
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

"""Builds the explorer from `site/` into `build/explorer`, when it is missing or older than what it is made of.

It needs the standard library and a Node only, so that an image can build it before anything else is installed.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.node import ROOT, NoNode, run, usable_node

SITE: Final = Path(__file__).with_name("site")
EXAMPLES: Final = Path(__file__).with_name("examples")
DOCUMENTS: Final = ROOT / "schema" / "documents"
BUILT: Final = ROOT / "build" / "explorer"
WORKSHOP: Final = ROOT / ".venv" / "explorer"
STAMP: Final = "made-of"
COMPRESSED: Final = {".js", ".css", ".html", ".svg", ".ttf"}
WORTH_COMPRESSING_BYTES: Final = 1024


class NotBuilt(Exception):
    """The explorer could not be built; the text says why in one sentence."""


def build(say: Callable[[str], None]) -> None:
    """Make `build/explorer` what the sources say; nothing to do where it is already. Several may ask at once.

    Raises:
        NotBuilt: there is no Node, its packages could not be had, or the build failed.
    """
    if is_current():
        return
    with _alone():
        if is_current():
            return
        started = time.monotonic()
        try:
            _make()
        except NoNode as missing:
            raise NotBuilt(str(missing)) from None
        except subprocess.CalledProcessError as failed:
            raise NotBuilt(f"{_program(failed)} failed: {_reason(failed)}") from None
        say(f"Built the explorer in {time.monotonic() - started:.0f} s.")


def is_current() -> bool:
    """Whether what is built was made of today's sources."""
    stamp = BUILT / STAMP
    return stamp.exists() and stamp.read_text() == fingerprint()


def fingerprint() -> str:
    """A digest of everything that the build reads."""
    digest = hashlib.sha256()
    for folder in (SITE, EXAMPLES, DOCUMENTS):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def document_ids() -> dict[str, str]:
    """The trusted documents by name: the id by which each may be asked for."""
    return {
        path.stem: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in DOCUMENTS.glob("*.graphql")
    }


def _make() -> None:
    made_of = fingerprint()
    node = usable_node()
    _clear(WORKSHOP)
    node.install(SITE, WORKSHOP)
    shutil.copytree(EXAMPLES, WORKSHOP / "examples")
    shutil.copytree(DOCUMENTS, WORKSHOP / "documents")
    (WORKSHOP / "documents" / "ids.json").write_text(json.dumps(document_ids()))
    vite = WORKSHOP / "node_modules" / "vite" / "bin" / "vite.js"
    run((node.program, str(vite), "build", "--logLevel", "error"), cwd=WORKSHOP)
    made = WORKSHOP / "made"
    _compress(made)
    (made / STAMP).write_text(made_of)
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.parent.mkdir(exist_ok=True)
    shutil.move(made, BUILT)


def _clear(workshop: Path) -> None:
    """Leave the packages, which are slow to get, and nothing of an earlier build."""
    workshop.mkdir(parents=True, exist_ok=True)
    for path in workshop.iterdir():
        if path.name in {"node_modules", "lock"}:
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _compress(folder: Path) -> None:
    """Beside every text that is worth it, itself compressed, so that no request waits for that."""
    for path in [path for path in folder.rglob("*") if path.suffix in COMPRESSED]:
        if path.stat().st_size >= WORTH_COMPRESSING_BYTES:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 6, mtime=0))


@contextmanager
def _alone() -> Iterator[None]:
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with (WORKSHOP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _program(failed: subprocess.CalledProcessError) -> str:
    command = " ".join(map(str, failed.cmd))
    return "Vite" if "vite" in command else "npm" if "npm" in command else str(failed.cmd[0])


def _reason(failed: subprocess.CalledProcessError) -> str:
    lines = (failed.stderr or failed.stdout or "").strip().splitlines()
    return lines[0] if lines else f"status {failed.returncode}"


def main() -> int:
    """Build, and say in one line how it went."""
    try:
        build(lambda text: print(text, flush=True))  # noqa: T201  # talks to the person who started it
    except NotBuilt as missing:
        sys.stderr.write(f"The explorer is not built: {missing} Everything else works without it.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

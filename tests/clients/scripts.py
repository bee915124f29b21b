"""Scripts in JavaScript: each is one client, each of its tests one of the client's features."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from app.node import Node

SOURCES = Path(__file__).with_name("packages")
SCHEMA = Path(__file__).parents[2] / "schema" / "schema.graphql"
DOCUMENTS = SCHEMA.with_name("documents")
SCRIPT_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """What became of one feature."""

    name: str
    passed: bool
    seconds: float
    fault: str


@dataclass
class Scripts:
    """Runs each script once, for all tests that ask about one of its features."""

    node: Node
    folder: Path
    environment: dict[str, str]
    outcomes: dict[tuple[str, str], dict[str, Outcome]] = field(default_factory=dict)

    def run(self, script: str, **more: str) -> dict[str, Outcome]:
        """What became of every feature of a script."""
        key = script, json.dumps(more)
        if key not in self.outcomes:
            self.outcomes[key] = self._run(script, more)
        return self.outcomes[key]

    def _run(self, script: str, more: dict[str, str]) -> dict[str, Outcome]:
        reported = ("--test", "--test-isolation=none", "--test-force-exit", "--test-reporter=./reporter.mjs")
        done = subprocess.run(
            [self.node.program, *reported, f"{script}.mjs"],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=SCRIPT_SECONDS,
            check=False,
        )
        found = [Outcome(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith('{"name"')]
        assert found, done.stdout + done.stderr
        return {outcome.name: outcome for outcome in found}


def features_of(script: str) -> list[str]:
    """The names of a script's tests, as they stand in its source."""
    return re.findall(r'^test\("(.+?)",', (SOURCES / f"{script}.mjs").read_text(), re.MULTILINE)

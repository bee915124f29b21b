"""What every file owes."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.generated import check_files

ROOT = Path(__file__).parents[2]
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SAYS_NOTHING = {"utils", "helpers", "common", "misc", "services", "managers", "core", "base"}
BALANCES = r"ledger_(accounts|entries|transfers|holds|unfolded)"
WRITES = re.compile(
    rf"\b(insert|update|delete)\s*\(\s*{BALANCES}|\b(insert\s+into|update|delete\s+from)\s+{BALANCES}", re.IGNORECASE
)
MAY_WRITE = "db/repositories/ledger.py"


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def sources() -> list[Path]:
    found = tracked("*.py")
    assert len(found) > 200
    return found


def product(sources: list[Path]) -> Iterator[Path]:
    return (path for path in sources if path.relative_to(ROOT).parts[0] != "tests")


def test_no_file_is_longer_than_a_reader_follows(sources: list[Path]) -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources}

    assert {name: lines for name, lines in long.items() if lines > LINES_MAX} == {}


def test_no_function_is_longer_than_a_screen(sources: list[Path]) -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_names_say_something(sources: list[Path]) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources
        if SAYS_NOTHING & {*path.relative_to(ROOT).parts[:-1], path.stem}
    ]

    assert silent == []


def test_only_the_ledgers_repository_writes_balances(sources: list[Path]) -> None:
    writers = {str(path.relative_to(ROOT)) for path in product(sources) if WRITES.search(path.read_text())}

    made_by_revisions = {name for name in writers if name.startswith("db/migrations/")}
    assert made_by_revisions, "the functions that post are found by the same search"
    assert writers - made_by_revisions <= {MAY_WRITE}


def test_only_the_unit_of_work_commits_commands(sources: list[Path]) -> None:
    commits = {
        str(path.relative_to(ROOT))
        for path in product(sources)
        if re.search(r"session\.commit\(", path.read_text()) and path.name != "unit_of_work.py"
    }

    assert commits == set()


@pytest.mark.parametrize("floor", ["domain", "db", "integrations", "schema", "resolvers"])
def test_money_is_never_a_float(sources: list[Path], floor: str) -> None:
    floats = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in product(sources)
        if path.relative_to(ROOT).parts[0] == floor
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "float"
    ]

    assert [place for place in floats if "money" in place or "ledger" in place or "wallet" in place] == []
    if floor == "domain":
        assert floats == []


def test_the_clock_is_asked_through_its_port(sources: list[Path]) -> None:
    asks = {
        str(path.relative_to(ROOT))
        for path in product(sources)
        if path.relative_to(ROOT).parts[0] in {"domain", "db", "schema", "realtime", "jobs"}
        and re.search(r"datetime\.(now|utcnow)\(", path.read_text())
    }

    assert asks == {"domain/clock.py"}


def test_what_is_made_from_the_code_says_what_the_code_says() -> None:
    assert check_files() == 0


def test_no_file_names_an_index_or_a_registry() -> None:
    address = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|--index-url|--extra-index-url|find-links")
    texts = tracked("*.toml", "*.lock", "*.txt", "*.cfg", "Makefile", "Dockerfile", "*.yml", "*.yaml", "*.sh", ".ci/*")
    named = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in texts
        for line in path.read_text().splitlines()
        if address.search(line.replace("--no-emit-find-links", "").replace("--no-emit-index-url", ""))
    ]

    assert named == []

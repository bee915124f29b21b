"""Folders and programs are where the servers' identity can get at them."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.embedded.identity import SPARE_UID, Identity, Way, same
from app.embedded.places import NoPlace, Places, installation_name, places_for, refuge, socket_folder

STRANGER = Identity(Way.DROP, SPARE_UID, SPARE_UID)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are private."""
    with tempfile.TemporaryDirectory(prefix="sokoni-places-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with a program in it, in a folder that only we may enter."""
    program = tmp_path / "wheels" / "package_of_a_test" / "bin" / "program"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    program.parents[1].joinpath("__init__.py").touch()
    program.parents[2].joinpath("package_of_a_test.libs").mkdir()
    tmp_path.chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path / "wheels")
    return program


def test_a_program_is_used_where_it_is_installed(package: Path, tmp_path: Path) -> None:
    places = places_in(tmp_path, same())

    assert places.program("package_of_a_test", Path("bin/program")) == package


def test_a_program_that_cannot_be_reached_is_copied_once(package: Path, tmp_path: Path) -> None:
    places = places_in(tmp_path, STRANGER)

    first = places.program("package_of_a_test", Path("bin/program"))
    again = places.program("package_of_a_test", Path("bin/program"))

    assert first == again
    assert first.is_relative_to(tmp_path / "data" / "programs")
    assert first.read_text() == package.read_text()
    assert first.stat().st_mode & 0o777 == 0o755
    assert first.parents[2].joinpath("package_of_a_test.libs").is_dir()


def test_a_refuge_may_be_entered_and_not_changed_by_others(open_folder: Path) -> None:
    folder = refuge(STRANGER, "sokoni-of-a-test", open_folder / "refuges")

    assert folder == open_folder / "refuges" / "sokoni-of-a-test"
    assert STRANGER.may_enter(folder)
    assert folder.stat().st_mode & 0o022 == 0


def test_a_refuge_that_cannot_be_entered_is_none(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    with pytest.raises(NoPlace, match="Try another SOKONI_DATA_DIR"):
        refuge(STRANGER, "sokoni-of-a-test", tmp_path)


def test_data_follow_when_another_identity_needs_another_place(tmp_path: Path) -> None:
    before = tmp_path / "before"
    (before / "valkey").mkdir(parents=True)
    (before / "valkey" / "file").write_text("kept")
    places = replace(places_in(tmp_path, same()), elsewhere=before)

    folder = places.folder("valkey")

    assert folder == tmp_path / "data" / "valkey"
    assert (folder / "file").read_text() == "kept"
    assert not (before / "valkey").exists()
    assert places.folder("other").is_dir()


def test_sockets_are_for_their_owner_alone(tmp_path: Path) -> None:
    places = places_for(tmp_path / "data")

    assert places.sockets.stat().st_mode & 0o777 == 0o700
    assert len(str(places.sockets)) < 50
    places.leave()
    assert not places.sockets.exists()
    shutil.rmtree(places.data)


def test_a_foreign_thing_at_the_place_of_the_sockets_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = installation_name(tmp_path)
    planted = [Path("/run") / name, Path("/tmp") / name]
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    links = [link for link in planted if try_to_link(link, tmp_path)]

    with pytest.raises(NoPlace):
        socket_folder(same(), name)

    for link in links:
        link.unlink()


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    places = places_in(tmp_path, same())
    with (tmp_path / "noisy.log").open("wb") as log:
        log.truncate(11 * 1024 * 1024)

    assert places.log("noisy") == tmp_path / "noisy.log"
    assert not (tmp_path / "noisy.log").exists()
    assert (tmp_path / "noisy.log.1").stat().st_size == 11 * 1024 * 1024


def places_in(folder: Path, identity: Identity) -> Places:
    (folder / "data").mkdir()
    return Places(identity=identity, data=folder / "data", sockets=folder, logs=folder, name="sokoni-of-a-test")


def try_to_link(link: Path, target: Path) -> bool:
    try:
        link.symlink_to(target)
    except PermissionError:
        return False
    return True

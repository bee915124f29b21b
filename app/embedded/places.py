"""Where the embedded servers live: their data, their sockets, their logs and their programs."""

import hashlib
import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.embedded.data_folder import make
from app.embedded.identity import Identity, Way, choose_identity, same

REFUGES = Path("/var/lib/sokoni")
SOCKET_PATH_BYTES_MAX = 107
LOG_BYTES_MAX = 10 * 1024 * 1024
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"


class NoPlace(Exception):
    """No folder could be found that the servers' identity may use; the text says why."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one installation. `data` is where the person said, or a refuge its identity can enter.

    `elsewhere` is the other of the two, where an earlier start under another identity may have left the data.
    """

    identity: Identity
    data: Path
    sockets: Path
    logs: Path
    name: str
    elsewhere: Path | None = None

    def folder(self, name: str) -> Path:
        """A folder below `data` that belongs to the servers' identity alone."""
        folder = self.data / name
        if self.elsewhere and (self.elsewhere / name).exists() and not folder.exists():
            arriving = self.data / f"{name}.arriving"
            shutil.rmtree(arriving, ignore_errors=True)
            shutil.move(self.elsewhere / name, arriving)
            arriving.rename(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        self.identity.own(folder)
        return folder

    def program(self, package: str, inside: Path) -> Path:
        """The program `inside` an installed package, at a path that the servers' identity can enter."""
        installed = package_folder(package)
        if self.identity.may_enter((installed / inside).parent):
            return installed / inside
        return self._copied(installed) / inside

    def log(self, name: str) -> Path:
        """The log file of a server; one that has grown large is put aside, and takes the place of the one before."""
        file = self.logs / f"{name}.log"
        if file.exists() and file.stat().st_size > LOG_BYTES_MAX:
            file.replace(file.with_suffix(".log.1"))
        return file

    def leave(self) -> None:
        """Remove the sockets' folder once no server uses it."""
        with suppress(OSError):  # not empty, or removed already
            self.sockets.rmdir()

    def _copied(self, installed: Path) -> Path:
        """A copy of the package and of the libraries its wheel put beside it, renewed when the package was."""
        programs = self.data / "programs" / installed.name
        copy = programs / f"{installed.stat().st_mtime_ns:x}"
        if not copy.exists():
            shutil.rmtree(programs, ignore_errors=True)
            unfinished = programs / "unfinished"
            for source in (installed, installed.with_name(f"{installed.name}.libs")):
                if source.exists():
                    shutil.copytree(source, unfinished / source.name, ignore=shutil.ignore_patterns("__pycache__"))
            for folder in (programs.parent, programs, unfinished):
                let_pass(folder)
            unfinished.rename(copy)
        return copy / installed.name


def places_for(data_folder: Path, choose: Callable[[Path], Identity] = choose_identity) -> Places:
    """The places of the installation whose data the person wants in `data_folder` (made when missing)."""
    if not sys.platform.startswith("linux"):
        raise NoPlace(
            "The embedded servers need Linux: set SOKONI_DATABASE_URL and SOKONI_REDIS_URL to servers of yours."
        )
    make(data_folder)
    data_folder = data_folder.resolve()
    identity = choose(data_folder)
    name = installation_name(data_folder)
    logs = data_folder / "log"
    logs.mkdir(exist_ok=True)
    data, elsewhere = data_folder, REFUGES / name
    if identity.way is Way.DROP:
        let_pass(data_folder)
        if not identity.may_enter(data_folder):
            data, elsewhere = refuge(identity, name), data_folder
    return Places(
        identity=identity,
        data=data,
        sockets=socket_folder(identity, name),
        logs=logs,
        name=name,
        elsewhere=elsewhere if os.geteuid() == 0 else None,  # nobody else can have had a refuge
    )


def installation_name(data_folder: Path) -> str:
    """A short name that only this data folder gives."""
    return "sokoni-" + hashlib.sha256(os.fsencode(data_folder.resolve())).hexdigest()[:12]


def refuge(identity: Identity, name: str, parent: Path = REFUGES) -> Path:
    """A lasting folder outside the person's own, for an identity that cannot enter those."""
    folder = parent / name
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        let_pass(parent)
        let_pass(folder)
        if is_trusted(folder, same()) and identity.may_enter(folder):
            return folder
    raise NoPlace(f"uid {identity.uid} can enter neither the data folder nor {parent}. Try another SOKONI_DATA_DIR.")


def let_pass(folder: Path) -> None:
    """Others may go through to what is theirs inside; they see no names."""
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o111)


def socket_folder(identity: Identity, name: str) -> Path:
    """A short folder that only the servers' identity (and root) may enter: a socket's path ends at 107 bytes."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    candidates = [Path(runtime)] if identity.way is Way.SAME and runtime else []
    for parent in (*candidates, Path("/run"), Path("/tmp")):
        folder = parent / name
        if len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME) > SOCKET_PATH_BYTES_MAX:
            continue
        if not (os.access(parent, os.W_OK | os.X_OK) and identity.may_enter(parent)):
            continue
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if is_trusted(folder, identity):
            folder.chmod(0o700)
            identity.own(folder)
            return folder
    raise NoPlace("no short folder for the servers' sockets: /run and /tmp are not ours to write in")


def is_trusted(folder: Path, identity: Identity) -> bool:
    """Whether `folder` is ours, or stands where nobody else could have put it."""
    facts, parent = folder.lstat(), folder.parent.stat()
    private = parent.st_uid == os.geteuid() and not parent.st_mode & stat.S_IWOTH
    return stat.S_ISDIR(facts.st_mode) and (private or facts.st_uid in {os.geteuid(), identity.uid})


def package_folder(package: str) -> Path:
    """Where a package is installed, without running any of it."""
    found = importlib.util.find_spec(package)
    assert found is not None, f"{package} is not installed"
    assert found.submodule_search_locations, f"{package} is not a package"
    return Path(found.submodule_search_locations[0])

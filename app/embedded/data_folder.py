"""One supervisor owns a data folder: a lock that the kernel lets go when its holder dies, and who the holder is."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

LOCK = "lock"


class DataFolderHeld(Exception):
    """Another supervisor runs on this data folder."""

    def __init__(self, folder: Path, holder: "Holder | None") -> None:
        self.holder = holder
        by = f"by process {holder.pid} ({holder.address})" if holder else "by another process"
        super().__init__(
            f"The data folder {folder} is held {by}.\n"
            "Stop that one first, or choose another folder with SOKONI_DATA_DIR and another port with SOKONI_PORT."
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a data folder and where its servers answer."""

    pid: int
    address: str
    database_url: str
    redis_url: str


class HeldFolder:
    """A data folder of ours, until the `hold` that gave it ends."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor

    def announce(self, holder: Holder) -> None:
        """Let others know who we are; they read it while they cannot have the lock."""
        text = json.dumps(asdict(holder)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)


@contextmanager
def hold(folder: Path, *, address: str) -> Iterator[HeldFolder]:
    """Own `folder` (made when missing) for as long as the block runs.

    Raises:
        DataFolderHeld: somebody else owns it; the text names the process and its address.
        PermissionError: it belongs to another user.
    """
    make(folder)
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError as refusal:
        raise PermissionError(
            f"The data folder {folder} is not ours to write in: it belongs to uid {folder.stat().st_uid}, "
            f"we are uid {os.geteuid()}. Choose another folder with SOKONI_DATA_DIR."
        ) from refusal
    try:
        if not _locked(descriptor):
            raise DataFolderHeld(folder, _read(folder))
        held = HeldFolder(folder, descriptor)
        held.announce(Holder(pid=os.getpid(), address=address, database_url="", redis_url=""))
        yield held
    finally:
        os.close(descriptor)


def find_holder(folder: Path) -> Holder | None:
    """Who runs on `folder` at this moment, if anybody."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _locked(descriptor) else _read(folder)
    finally:
        os.close(descriptor)


def make(folder: Path) -> None:
    """Make `folder`; root makes it for the owner of the place where it is."""
    if folder.exists():
        return
    make(folder.parent)
    folder.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        owner = folder.parent.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(folder: Path) -> Holder | None:
    """None for the instant in which the holder has the lock and has not written yet."""
    try:
        found = json.loads((folder / LOCK).read_bytes())
    except ValueError:
        return None
    return Holder(**{field.name: found[field.name] for field in fields(Holder)})

